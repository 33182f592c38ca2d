"""Seeded values: each is a function of the seed, the thing it belongs to, and its name.

The same seed gives the same values in every process, on every operating system and Python.
"""

import hashlib


class Draws:
    """Deterministic values of one thing: a function of the seed, the thing and the value's name."""

    def __init__(self, seed: int, thing: str) -> None:
        self._root = f"{seed}/{thing}/"

    def number(self, name: str, below: int) -> int:
        """Return a whole number from 0 up to, not including, `below`."""
        return int.from_bytes(self._bytes(name), "big") % below

    def hex(self, name: str, digits: int) -> str:
        """Return lower-case hexadecimal digits, 32 at most."""
        return self._bytes(name).hex()[:digits]

    def uuid(self, name: str) -> str:
        """Return a lower-case id of the form 8-4-4-4-12."""
        digits = self._bytes(name).hex()
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def _bytes(self, name: str) -> bytes:
        return hashlib.blake2b((self._root + name).encode(errors="surrogatepass"), digest_size=16).digest()


def copy_job_id(seed: int, number: int) -> str:
    """Return the id of a registry's n-th generated job, in upper case as the service's ids are."""
    return Draws(seed, f"copy-job-{number}").uuid("id").upper()
