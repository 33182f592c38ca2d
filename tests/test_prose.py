"""Style of the documents: a linter, its findings on the pages, and bad samples that show each of its rules at work."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")] + sorted((ROOT / "docs").glob("*.md"))
NAVIGATION = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").split("\nnav:\n")[1]
HOW_TO = set(re.findall(r"[\w-]+\.md", NAVIGATION.split("\n  - How-to guides:\n")[1].split("\n  - ")[0]))

MOST_WORDS = 30
FIRST_LINES = 2
CODE_LINES = 15
RETIRED = re.compile(
    r"\b(doors?|reception|way_out|wish(es)?|course|nobody|whoever|ours|theirs|neighbours?|seed files?)\b", re.IGNORECASE
)
"""Words of 1.0 that had a meaning of their own here. Python's, pytest's and AWS's words say it."""

IMPERATIVE = re.compile(
    r"(Add|Answer|Ask|Build|Check|Choose|Compare|Find|Follow|Force|Freeze|Give|Inject|Install|Keep|List|Look|Make|Move|Put"
    r"|Read|Replace|Report|Run|See|Start|Test|Turn|Use|Write)\b"
)
NAME = re.compile(r"AWS|Backup|Docker|Lambda|Python|Regions?|Stubber")
"""Names with one capital letter in headings. A name with two, such as ListCopyJobs, is known by them."""

SENTENCE_END = re.compile(r"(?<=[.!?])[*\")]*\s+")


def findings(name: str, text: str, *, how_to: bool = False) -> list[str]:
    """Return what breaks a rule in the Markdown of a page: the place, the rule, and what to do."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    found = [*retired_words(text), *sentences_to_split(tokens), *headings_in_title_case(tokens), *first_lines(tokens)]
    if how_to:
        found += late_code(tokens)
    return [f"{name}:{line}: {problem}" for line, problem in sorted(found)]


def retired_words(text: str) -> Iterator[tuple[int, str]]:
    """Yield each retired word, also in code."""
    for number, line in enumerate(text.splitlines(), start=1):
        for match in RETIRED.finditer(line):
            yield number, f"{match[0]!r} is a retired word. Name the actor, or use the term of Python, pytest or AWS."


def sentences_to_split(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    """Yield each sentence that is too long or a chain of clauses, in paragraphs, lists and cells of tables."""
    for line, sentence in sentences(tokens):
        words, semicolons = len(sentence.split()), sentence.count(";")
        if words > MOST_WORDS:
            yield line, f"{words} words in a sentence, expected {MOST_WORDS} at most. Make two of it: {sentence}"
        if semicolons > 1:
            yield line, f"{semicolons} semicolons in a sentence, expected one at most. Make two of it: {sentence}"


def sentences(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    """Yield each sentence with the line that it starts at. Code counts as one word."""
    for token in tokens:
        if token.type == "inline":
            text = "".join(spoken(child) for child in token.children)
            starts = [0, *(match.end() for match in SENTENCE_END.finditer(text)), len(text)]
            for start, end in pairwise(starts):
                yield token.map[0] + 1 + text.count("\n", 0, start), " ".join(text[start:end].split())


def spoken(token: Token) -> str:
    """Return the words of a part of a paragraph."""
    if token.type == "code_inline":
        return f"`{re.sub(r'[ ;.!?]', '_', token.content)}`"
    return "\n" if token.type in ("softbreak", "hardbreak") else token.content if token.type == "text" else ""


def headings_in_title_case(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    """Yield each heading with a capital letter that neither its first word nor a name has."""
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            heading = "".join(spoken(child) for child in token.children if child.type == "text")
            capitals = re.findall(r"\b[A-Z][a-z]*\b", re.sub(r"^\S+", "", heading))
            if wrong := [word for word in capitals if not NAME.fullmatch(word)]:
                todo = f"Write {wrong[0].lower()!r}, or add a name to NAME in {Path(__file__).name}."
                yield token.map[0] + 1, f"expected a heading in sentence case, got {heading!r}. {todo}"


def first_lines(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    """Yield a first paragraph that is long, or that neither addresses the reader nor says what to do."""
    first = next((token for before, token in pairwise(tokens) if before.type == "paragraph_open"), None)
    if first is None:
        yield 1, "expected a paragraph below the title. Say which need the page answers."
        return
    start, end = first.map
    if end - start > FIRST_LINES:
        yield (
            start + 1,
            f"{end - start} lines in the first paragraph, expected {FIRST_LINES}. Say the need only.",
        )
    if not IMPERATIVE.match(first.content) and not re.search(r"\byour?\b", first.content, re.IGNORECASE):
        todo = f"Begin with an imperative (IMPERATIVE in {Path(__file__).name}), or speak to 'you'."
        yield start + 1, f"expected a first paragraph that says what to do, got {first.content[:60]!r}. {todo}"


def late_code(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    """Yield a how-to that shows no code at its top."""
    title, *others = [token.map[0] for token in tokens if token.type == "heading_open"]
    code = next((token.map[0] for token in tokens if token.type == "fence"), None)
    if code is None or code - title > CODE_LINES or any(heading < code for heading in others):
        todo = "Show code first, or put the page elsewhere than under the how-to guides in mkdocs.yml."
        yield title + 1, f"expected a code block within {CODE_LINES} lines and above the second heading. {todo}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_keeps_the_rules(page):
    name = page.relative_to(ROOT).as_posix()

    assert findings(name, page.read_text(encoding="utf-8"), how_to=page.name in HOW_TO) == []


def test_the_guides_are_known_by_the_navigation_of_the_site():
    assert {"pytest.md", "faults.md", "upgrade.md"} <= HOW_TO
    assert HOW_TO.isdisjoint({"index.md", "tutorial.md", "api.md", "decisions.md"})


def test_no_word_of_the_package_needs_learning():
    files = [*(ROOT / "mock_copyjobs").rglob("*.py"), ROOT / "mock_copyjobs" / "server" / "page.html"]

    assert [
        f"{file.relative_to(ROOT)}:{line}: {problem}"
        for file in files
        for line, problem in retired_words(file.read_text(encoding="utf-8"))
    ] == []


CODE = "```python\ncode\n```\n"
GOOD = f"# A page\n\nTest your program.\n\n{CODE}\n## Limits of ListCopyJobs\n\n- One; two.\n"
WORDS = "Word " + " ".join(["word"] * 29)


def test_a_good_page_has_no_finding():
    assert findings("docs/good.md", GOOD, how_to=True) == []


@pytest.mark.parametrize(
    ("good", "bad", "finding"),
    [
        ("One; two.", "Ask nobody.", "11: 'nobody' is a retired word. Name the actor, or"),
        ("\ncode\n", "\n# whoever\n", "6: 'whoever' is a retired word."),
        (
            "One; two.",
            f"One.\n  `a b`\n  {WORDS}.",
            "12: 31 words in a sentence, expected 30 at most. Make two of it: `a_b`",
        ),
        (
            "- One; two.",
            f"|a|b|\n|-|-|\n|One.|{WORDS} x.|",
            "13: 31 words in a sentence, expected 30 at most. Make two",
        ),
        ("One; two.", "One; two; three.", "11: 2 semicolons in a sentence, expected one at most. Make two of it: One;"),
        ("Limits of", "Limits Of", "9: expected a heading in sentence case, got 'Limits Of ListCopyJobs'. Write 'of'"),
        (
            "Test your program.",
            "It answers.",
            "3: expected a first paragraph that says what to do, got 'It answers.'. Be",
        ),
        ("program.", "program\nin two\nlines more.", "3: 3 lines in the first paragraph, expected 2. Say the"),
        ("program.", "program." + "\n\nMore." * 6, "1: expected a code block within 15 lines and above the second"),
        (CODE, "", "1: expected a code block within 15 lines and above the second heading. Show code first, or put"),
        (CODE, f"## When\n\n{CODE}", "1: expected a code block within 15 lines and above the second heading. Show"),
        (GOOD, f"# A page\n\n{CODE}", "1: expected a paragraph below the title. Say which need the page answers."),
    ],
)
def test_a_broken_rule_is_named_with_its_line_and_the_repair(good, bad, finding):
    assert good in GOOD
    (found,) = findings("docs/bad.md", GOOD.replace(good, bad), how_to=True)

    assert found.startswith(f"docs/bad.md:{finding}")


@pytest.mark.parametrize(
    "harmless",
    [f"`{WORDS}; {WORDS};`", f"{WORDS}. {WORDS}.", f"{WORDS}.) `{WORDS}.` {WORDS[10:]}!", f"<!-- {WORDS} {WORDS} -->"],
)
def test_code_comments_and_two_sentences_are_no_long_sentence(harmless):
    assert findings("docs/good.md", GOOD.replace("- One; two.", harmless), how_to=True) == []


def test_a_page_of_reference_needs_no_code_at_its_top():
    assert findings("docs/api.md", GOOD.replace(CODE, "")) == []
