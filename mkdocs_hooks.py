"""Hooks of the site: files outside docs/ that pages link to become pages, so that links work in both places."""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent
PAGES = {
    "README.md": "readme.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "CODE_OF_CONDUCT.md": "code-of-conduct.md",
}
FOLDERS = {"examples": "Examples", "clients": "Clients of other packages"}
LANGUAGES = {".py": "py", ".mjs": "javascript", ".json": "json"}
LINK = re.compile(r"(?<=\]\()[^)#:\s]+")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the root, and for each folder a list of its programs and a page for each program."""
    for name, target in PAGES.items():
        files.append(File.generated(config, target, abs_src_path=str(ROOT / name)))
    for folder, title in FOLDERS.items():
        programs = [path for path in sorted((ROOT / folder).iterdir()) if shown(path)]
        rows = "".join(f"- [{path.name}]({path.name}.md)\n" for path in programs)
        files.append(File.generated(config, f"{folder}/index.md", content=f"# {title}\n\n{rows}"))
        for path in programs:
            listing = f"# {path.name}\n\n````{LANGUAGES[path.suffix]}\n{path.read_text(encoding='utf-8')}````\n"
            files.append(File.generated(config, f"{folder}/{path.name}.md", content=listing))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Replace links of the repository by links of the site."""
    if "/" in page.file.src_uri:
        return markdown
    folder = "" if page.file.src_uri in PAGES.values() else "docs"
    return LINK.sub(lambda link: in_site(posixpath.normpath(posixpath.join(folder, link[0])), link[0]), markdown)


def in_site(path: str, link: str) -> str:
    """Return the link in the site for a path of the repository; else the link itself, which the build refuses."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if path in PAGES:
        return PAGES[path]
    if path in FOLDERS:
        return f"{path}/index.md"
    return f"{path}.md" if path.partition("/")[0] in FOLDERS else link


def shown(path: Path) -> bool:
    """Return whether a file is a program or a jobs file, and not written by a package manager."""
    return path.suffix in LANGUAGES and not path.name.startswith("package")
