"""`python -m mock_copyjobs`: the command line."""

import sys

from mock_copyjobs.cli import main

if __name__ == "__main__":
    sys.exit(main())
