"""Seeded values: each is a function of the seed, the thing it belongs to, and its name.

The same seed gives the same values in every process, on every operating system and Python.
"""

import hashlib


class Draws:
    """Values drawn for one thing: each named draw is a function of seed, thing and name."""

    def __init__(self, seed: int, thing: str) -> None:
        self._root = f"{seed}/{thing}/"

    def number(self, name: str, below: int) -> int:
        """A whole number from 0 up to, not including, `below`."""
        return int.from_bytes(self._bytes(name), "big") % below

    def hex(self, name: str, digits: int) -> str:
        """So many lower-case hexadecimal digits."""
        return self._bytes(name).hex()[:digits]

    def uuid(self, name: str) -> str:
        """A lower-case id of the form 8-4-4-4-12."""
        digits = self._bytes(name).hex()
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def _bytes(self, name: str) -> bytes:
        return hashlib.blake2b((self._root + name).encode(errors="surrogatepass"), digest_size=16).digest()


def copy_job_id(seed: int, number: int) -> str:
    """The id of a registry's n-th generated job: upper-case hexadecimal, as the service's ids are."""
    return Draws(seed, f"copy-job-{number}").uuid("id").upper()
