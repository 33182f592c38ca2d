"""The number of random cases: the variable THOROUGH multiplies it. `make thorough` draws ten times as many."""

import os


def cases(number: int) -> int:
    return number * int(os.environ.get("THOROUGH", "1"))
