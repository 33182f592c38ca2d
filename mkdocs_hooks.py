"""What the pages of docs/ link to outside of it becomes part of the site, so that those links work in both places."""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent
PAGES = {"README.md": "readme.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
FOLDERS = {"examples": "Examples", "clients": "Clients of other packages"}
LANGUAGES = {".py": "py", ".mjs": "javascript", ".json": "json"}
LINK = re.compile(r"(?<=\]\()[^)#:\s]+")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages of the root, and for each folder a list of its programs and a page that shows each."""
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
    """Turns links as they are in the repository into links as they are in the site."""
    if "/" in page.file.src_uri:
        return markdown
    folder = "" if page.file.src_uri in PAGES.values() else "docs"
    return LINK.sub(lambda link: in_site(posixpath.normpath(posixpath.join(folder, link[0])), link[0]), markdown)


def in_site(path: str, link: str) -> str:
    """Where a path of the repository is in the site; the link itself, for the build to refuse, where it is nowhere."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if path in PAGES:
        return PAGES[path]
    if path in FOLDERS:
        return f"{path}/index.md"
    return f"{path}.md" if path.partition("/")[0] in FOLDERS else link


def shown(path: Path) -> bool:
    """Programs and seed files; not what package managers write."""
    return path.suffix in LANGUAGES and not path.name.startswith("package")
