"""Run the command line as `python -m mock_copyjobs`."""

import sys

from mock_copyjobs.cli.main import main

sys.exit(main())
