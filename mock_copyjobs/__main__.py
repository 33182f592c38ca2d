"""`python -m mock_copyjobs`: the command line."""

import sys

from mock_copyjobs.cli.main import main

sys.exit(main())
