"""Make the pictures of the documentation anew: `make.py [FOLDER]` writes them into a folder, by default its own."""

import sys
from pathlib import Path

from layers import wings
from schedules import life_of_a_job
from sessions import report, show, start

PICTURES = (report, show, start, life_of_a_job, wings)


def main() -> None:
    """Write every picture that needs no browser."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent
    for picture in PICTURES:
        name = picture.__name__.replace("_", "-")
        (folder / f"{name}.svg").write_text(picture(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
