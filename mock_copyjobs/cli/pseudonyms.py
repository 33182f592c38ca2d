"""Pseudonyms: a table of identifiers, each with another one of the same form for its place.

A pseudonym follows from the seed and from the order of the identifiers, never from the identifier itself: an account id
has so few digits that a digest of it would tell it.
"""

import functools
import random
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from urllib.parse import quote, quote_plus

from mock_copyjobs.aws import partitions

IDS = re.compile(
    r"(?P<account>(?<![0-9a-f])\d{12}(?![0-9a-f]))"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?<![^\W_])(?:A[A-Z]{2}A[A-Z0-9]{16,17}|o-[a-z0-9]{10,32})(?![^\W_])"
    r"|(?<![^\W_])(?<!%)(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{8,}(?![^\W_])",
    re.IGNORECASE | re.ASCII,
)
"""Identifiers that their form tells in every text: ids of accounts, of keys and roles, and of organizations, UUIDs, and
hexadecimal ids of eight digits or more."""

_LEAST = 4
"""Shorter identifiers are replaced as fields and in ARNs, not within other text: too many words have them as parts."""
_MOST_TRIES = 100
_TOKENS = re.compile(rf"{IDS.pattern}|[^\W_]+|[\W_]", re.IGNORECASE)
_UNRESERVED = re.compile(r"[\w.~-]*", re.ASCII)
_HEX = re.compile("[0-9a-f-]+", re.IGNORECASE)
_ESCAPE = re.compile(r"%[0-9a-f]{2}")
_LETTERS = ("aeiou", "bcdfghjklmnpqrstvwxyz")

_Replace = Callable[[str], str]
_Piece = tuple[str, _Replace | None]
"""A piece of a text. That of an identifier has the function that returns its replacement."""


class Pseudonyms:
    """Table of identifiers. `note` fills it, `draw` gives each its pseudonym, then `of` and `searched` replace.

    Args:
        seed: Number that the pseudonyms follow from, together with the order of the identifiers.
        words: Words that stay within other text, in lower case.
        keep: Kinds of identifiers that stay as they are.

    """

    def __init__(self, seed: int, words: Iterable[str], keep: Collection[str] = ()) -> None:
        self._seed = seed
        self._keep = keep
        self._words = {*words, *partitions.regions()}
        self._kinds: dict[str, str] = {}
        self._first: dict[str, str] = {}
        self._drawn: dict[str, str] = {}
        self._by_start: dict[str, list[tuple[str, _Replace]]] = {}
        self._searched: dict[str, str] = {}

    def note(self, identifier: str, kind: str) -> None:
        """Add an identifier. Of several kinds, the first one counts."""
        key = _lower(identifier)
        if key not in self._kinds and any(character.isalnum() for character in key):
            self._kinds[key] = kind
            self._first[key] = identifier

    def protect(self, word: str) -> None:
        """Let a word stay within other text, such as the service in an ARN."""
        if word:
            self._words.add(_lower(word))

    def counts(self) -> Counter[str]:
        """Return how many identifiers of each kind are replaced."""
        return Counter(kind for kind in self._kinds.values() if kind not in self._keep)

    def draw(self, attempt: int = 0) -> None:
        """Give each identifier its pseudonym. Another attempt gives others."""
        chance = random.Random(f"{self._seed}-{attempt}")
        by_length = "|".join(map(re.escape, sorted(self._words, key=len, reverse=True)))
        self._protected = re.compile(rf"(?:{by_length})(?![^\W_])")
        self._drawn.clear()
        self._searched.clear()
        self._by_start.clear()
        for key, kind in self._kinds.items():
            if len(key) >= _LEAST and kind not in self._keep:
                self._index(self._first[key])
        for found in self._by_start.values():
            found.sort(key=lambda pair: -len(pair[0]))
        taken = set(self._kinds)
        # Shorter ones come first, since a longer one may have them as its parts.
        for key in sorted(self._kinds, key=len):
            pseudonym = self._drawn_for(key, chance, taken)
            self._drawn[key] = pseudonym
            taken.add(_lower(pseudonym))

    def of(self, identifier: str) -> str:
        """Return the pseudonym of an identifier that was noted, in the identifier's own upper and lower case."""
        key = _lower(identifier)
        first, pseudonym = self._first.get(key), self._drawn.get(key)
        if first is None or pseudonym is None or identifier == first:
            return pseudonym or identifier
        if identifier in (first.lower(), first.upper()):
            return pseudonym.lower() if identifier == first.lower() else pseudonym.upper()
        cased = [new.upper() if old.isupper() else new.lower() for new, old in zip(pseudonym, identifier, strict=False)]
        return "".join(cased) + pseudonym[len(cased) :]

    def searched(self, text: str) -> str:
        """Return a text with the pseudonym of each identifier in it, in any case, also URL-encoded."""
        if text not in self._searched:
            pieces = [piece if encode is None else encode(piece) for piece, encode in self._pieces(text)]
            self._searched[text] = "".join(pieces)
        return self._searched[text]

    def finds(self, text: str) -> bool:
        """Return whether a text has an identifier that would be replaced."""
        return any(encode is not None for _, encode in self._pieces(text))

    def _index(self, identifier: str) -> None:
        """Make an identifier known to the search, as it is and URL-encoded once or twice."""
        forms: dict[str, _Replace] = {_lower(identifier): self.of}
        for encode in () if _UNRESERVED.fullmatch(identifier) else _ENCODINGS:
            forms.setdefault(_lower(encode(identifier)), functools.partial(self._of_encoded, encode, identifier))
        for form, replaced in forms.items():
            self._by_start.setdefault(form[:_LEAST], []).append((form, replaced))

    def _of_encoded(self, encode: _Replace, identifier: str, piece: str) -> str:
        pseudonym = encode(self.of(identifier))
        if piece in (piece.lower(), piece.upper()):
            return pseudonym.lower() if piece == piece.lower() else pseudonym.upper()
        return pseudonym

    def _pieces(self, text: str) -> Iterator[_Piece]:
        lowered = _lower(text)
        start, position, after_escape = 0, 0, 0
        while position < len(text):
            known = self._by_start.get(lowered[position : position + _LEAST], ())
            form, replaced = next((one for one in known if lowered.startswith(one[0], position)), ("", None))
            is_word = position == after_escape or not lowered[position - 1].isalnum()
            word = self._protected.match(lowered, position) if is_word else None
            if word is not None and word.end() - position >= len(form):
                position = word.end()
            elif form:
                if start < position:
                    yield text[start:position], None
                start = position = position + len(form)
                yield text[start - len(form) : start], replaced
            elif _ESCAPE.match(lowered, position):
                # Within an escape, no identifier begins.
                position = after_escape = position + 3
            else:
                position += 1
        yield text[start:], None

    def _drawn_for(self, key: str, chance: random.Random, taken: Collection[str]) -> str:
        first = self._first[key]
        if self._kinds[key] in self._keep:
            return self._composed(first, lambda token: token)
        for number in range(2 * _MOST_TRIES):
            pseudonym = self._composed(first, lambda token: _like(token, chance))
            # The few names of a short form may all be taken. Then another one is longer.
            pseudonym += "".join(chance.choice(_LETTERS[1]) for _ in range(number - _MOST_TRIES))
            if _lower(pseudonym) not in taken and not self.finds(pseudonym):
                return pseudonym
        raise ValueError(f"anonymize: expected fewer identifiers of the form of {_like(first, chance)!r}, got too many")

    def _composed(self, identifier: str, replaced: _Replace) -> str:
        """Return an identifier whose parts have their pseudonyms if they are identifiers, and else are replaced."""
        tokens = [match.group() for match in _TOKENS.finditer(identifier)]
        composed, place = [], 0
        while place < len(tokens):
            ends = range(len(tokens) if place else len(tokens) - 1, place, -1)
            part = next((end for end in ends if _lower("".join(tokens[place:end])) in self._drawn), 0)
            composed.append(self.of("".join(tokens[place:part])) if part else replaced(tokens[place]))
            place = part or place + 1
        return "".join(composed)


def _like(token: str, chance: random.Random) -> str:
    """Return a random token of the same form: digits for digits, vowels for vowels, in the same case."""
    if IDS.fullmatch(token) and not token.isdecimal() and _HEX.fullmatch(token):
        parts = [f"{chance.getrandbits(4 * len(part)):0{len(part)}x}" for part in token.split("-")]
        digits = "-".join(parts)
        return digits.upper() if token == token.upper() else digits
    return "".join(_like_character(old, chance, is_first=place == 0) for place, old in enumerate(token))


def _like_character(old: str, chance: random.Random, *, is_first: bool) -> str:
    if old.isdigit():
        return "0" if is_first and old == "0" else chance.choice("123456789" if is_first else "0123456789")
    if not old.isalnum():
        return old
    new = chance.choice(_LETTERS[old.lower() not in _LETTERS[0]])
    return new.upper() if old.isupper() else new


def _lower(text: str) -> str:
    """Return a text in lower case, of the same length."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(one.lower()[0] for one in text)


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


def _quoted_path(text: str) -> str:
    return quote(text, errors="surrogatepass")


def _quoted_form(text: str) -> str:
    return quote_plus(text, errors="surrogatepass")


def _quoted_twice(text: str) -> str:
    return _quoted(_quoted(text))


_ENCODINGS: tuple[_Replace, ...] = (_quoted_path, _quoted, _quoted_form, _quoted_twice)
