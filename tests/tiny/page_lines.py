"""What the pages for users show: blocks of code, and the commands in them."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    if not path.name.endswith(".zh.md")
)
BLOCK = re.compile(r"^( *)```(?P<language>\w*)\n(?P<text>.*?)^\1```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"(?m) {2,}#.*$")


class Block(NamedTuple):
    """One between fences; `heading` is the section of the second rank that it stands in."""

    page: str
    heading: str
    language: str
    text: str

    @property
    def code(self) -> str:
        """Without the comments, which are translated."""
        return COMMENT.sub("", self.text)

    @property
    def commands(self) -> list[str]:
        """Those of a console, each on one line, without prompt and comment."""
        lines = re.sub(r" *\\\n *", " ", self.code).splitlines()
        assert all(line.startswith("$ ") for line in lines), f"{self.page}: what isn't a command in {self.text!r}"
        return [line.removeprefix("$ ").strip() for line in lines]


def in_chinese(page: str) -> str:
    return page.removesuffix(".md") + ".zh.md"


def blocks(page: str) -> list[Block]:
    """In order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = []
    for match in BLOCK.finditer(text):
        headings = re.findall(r"^## (.*)$", text[: match.start()], re.MULTILINE)
        found.append(Block(page, headings[-1] if headings else "", match["language"], match["text"]))
    return found


def of_language(language: str) -> list[Block]:
    """Those of all pages, without what CONTRIBUTING.md has one write, which tests/project/test_recipes.py follows."""
    return [each for page in PAGES for each in blocks(page) if each.language == language and not is_recipe(each)]


def is_recipe(block: Block) -> bool:
    return block.page == "CONTRIBUTING.md" and block.heading.startswith("How to add")


def commands() -> list[str]:
    """Each once, in the order of the pages."""
    return list(dict.fromkeys(command for block in of_language("console") for command in block.commands))
