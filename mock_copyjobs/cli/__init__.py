"""The command line `mock-copyjobs`: `main.py` has the parser and the short commands, each other file a longer one.

`terminal.py` alone imports rich, which the extra `cli` brings.

May import everything but the pytest plugin. Must not be imported by the rest of the package.
"""
