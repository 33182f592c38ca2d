"""Fuzz tests: random requests and jobs files, valid and damaged, and checks of every answer.

`draws.py` makes the inputs, `targets.py` sends them and checks the answers. tests/test_fuzz.py runs a few of them,
`python -m fuzz` runs many, `python -m fuzz.wire` sends raw bytes to a server, and `python -m fuzz.guided` is guided by
coverage.
"""
