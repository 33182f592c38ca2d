import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
DRAWN = sorted(PICTURES.glob("*.svg"))


@pytest.mark.skipif(os.name == "nt", reason="the sessions in the pictures are those of a POSIX shell")
def test_the_pictures_are_what_their_scripts_draw(tmp_path):
    subprocess.run([sys.executable, str(PICTURES / "make.py"), str(tmp_path)], check=True)
    drawn = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text(encoding="utf-8") for path in DRAWN}
    changed = sorted(name for name in drawn.keys() | kept.keys() if drawn.get(name) != kept.get(name))
    assert changed == [], "run `make pictures`, and look at them"


def test_the_pictures_of_the_page_were_made_from_the_page_as_it_is():
    digest, page = (PICTURES / "page.sha256").read_text(encoding="utf-8").split()
    assert digest == hashlib.sha256((ROOT / page).read_bytes()).hexdigest(), "run `make pictures`, and look at them"


def test_each_picture_is_shown_on_a_page():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    text = "".join(path.read_text(encoding="utf-8") for path in pages)
    names = [path.name for path in (*DRAWN, *PICTURES.glob("*.png"))]
    assert [name for name in names if f"pictures/{name}" not in text] == []


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.stem)
def test_a_picture_needs_nothing_from_the_network(path):
    ET.parse(path)
    assert re.findall(r"url\((?!#)[^)]*\)|@import.*|href=.*", path.read_text(encoding="utf-8")) == []
