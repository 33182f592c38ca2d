"""Fuzz: requests and seed files at random, valid ones and damaged ones, and what must hold of every answer.

`draws.py` makes them, `targets.py` feeds them in and says what is amiss; the suite's tests/test_fuzz.py runs a few,
`python -m fuzz` many, and `python -m fuzz.guided` lets coverage lead the way.
"""
