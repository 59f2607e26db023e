"""What the pages for readers point at is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The reference is made, and tests/project/test_docs.py has its links.
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
FOLDERS = ("src", "conf", "tests", "scripts", "docs", "examples", "benchmarks")
# A file in backticks, from the checkout's root or from the package on.
NAMED = re.compile(rf"`((?:{'|'.join(FOLDERS)})/[a-z0-9_/.]*|[a-z_]+/[a-z_/]+\.py)`")


def _exists(name: str) -> bool:
    homes = (ROOT, ROOT / "src" / "attnlab", ROOT / "examples" / "task")
    return any((home / name).exists() for home in homes)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert target.startswith(("http://", "https://")) or (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_named_is_there(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    missing = [name for name in NAMED.findall(text) if not _exists(name)]
    assert not missing


def test_files_are_named() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert len(NAMED.findall(text)) > 20
