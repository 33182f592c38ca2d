"""The command line `mock-copyjobs`: one file per command that is more than a call.

May import everything but the pytest plugin. Must not be imported by the rest of the package.
"""
