"""What a file of the configuration says of itself and of each of its keys: its comments. Nothing of Hydra's is loaded.

# What it is. Chosen so and so.       the head: what the whole file is
# zh: 它是什么。
key: 1    # what it is, unit, range   trailing, and going on in the next lines where they stand further right
          # zh: 它是什么
# What it is.                         or in the lines above, at the key's own column
# zh: 它是什么
other: null
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.config import families
from attnlab.config.references import HEADING as PAPERS

COMMENT = re.compile(r"(\s*)#\s?(.*)")
ZH = re.compile(r"zh:\s*")
OWN_PATH = re.compile(r"[\w./-]+\.ya?ml")  # as pages name a file above what it holds
# Lines of a head that aren't sentences: `cost  6 minutes`, `family: controls`, and commands.
APART = re.compile(r"\w+ {2,}|[a-z]+: |attnlab |- ")
FACT = re.compile(r"(\w+) {2,}(.+)")
FACTS = {"command": "命令", "cost": "代价", "outcome": "结果"}


class Said(NamedTuple):
    """A comment in both languages; empty where there is none."""

    en: str = ""
    zh: str = ""

    def text(self, language: str) -> str:
        """In a language, `zh` or another, as far as there is one."""
        return self.zh or self.en if language == "zh" else self.en


class Key(NamedTuple):
    """A key, its default as the file writes it (empty for a group of further keys), and what is said of it."""

    name: str
    default: str
    said: Said


class Head(NamedTuple):
    """What a file says of itself, in paragraphs; `papers` is what it names as `# papers: `, for `config.references`."""

    en: tuple[str, ...]
    zh: tuple[str, ...]
    papers: str = ""
    facts: tuple[str, ...] = ()
    """What is said in Chinese in a line that is no sentence: `代价  6 分钟`, in place of `cost  6 minutes`."""

    def paragraphs(self, language: str) -> tuple[str, ...]:
        """In a language, `zh` or another, as far as there is one; what is no sentence has no translation."""
        if language != "zh" or not self.zh:
            return self.en
        return (*self.zh, *(self._apart_in_chinese(each) for each in self.en if APART.match(each)))

    def _apart_in_chinese(self, paragraph: str) -> str:
        """A line that is no sentence, with its label in Chinese; what follows, as far as that is said in Chinese."""
        fact = FACT.fullmatch(paragraph)
        if fact is None or fact[1] not in FACTS:
            return families.said(paragraph, "zh")
        label = FACTS[fact[1]]
        return next((each for each in self.facts if each.startswith(f"{label}  ")), f"{label}  {fact[2]}")

    def first(self, language: str) -> str:
        """The first sentence, or the first line where it ends in none."""
        said = next(iter(self.paragraphs(language)), "")
        sentence = re.search(r"^.*?(\.(?=$| [A-Z])|。)", said)
        return sentence[0] if sentence else said


class Described(NamedTuple):
    """A file of the configuration.

    Attributes:
        is_global: its keys are the run's own, and not its group's.
        defaults: what it takes from other files, as Hydra's list has it.
        keys: in order, by dotted names within the file; without `_target_` and its like.
    """

    head: Head
    is_global: bool
    target: str | None
    defaults: tuple[Any, ...]
    keys: tuple[Key, ...]


def head_of(text: str) -> Head:
    """What a file's first lines say of it."""
    english: list[str] = []
    chinese: list[str] = []
    facts: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            if line.strip() or english or chinese:
                break
            continue
        said = line.lstrip("#").strip()
        if "@package" in line or OWN_PATH.fullmatch(said):
            continue
        if match := ZH.match(said):
            (facts if FACT.fullmatch(said, match.end()) else chinese).append(said[match.end() :])
        elif english and english[-1] and line.startswith("#   "):  # further right: the line before goes on
            english[-1] += f" {said}"
        elif not said or not english or not english[-1] or APART.match(said) or APART.match(english[-1]):
            english.append(said)
        else:
            english[-1] += f" {said}"
    papers = [each.removeprefix(PAPERS) for each in english if each.startswith(PAPERS)]
    sentences = tuple(each for each in english if each and not each.startswith(PAPERS))
    return Head(sentences, tuple(chinese), ", ".join(papers), tuple(facts))


def head_of_target(folder: Path, target: str, *, name: str) -> Head | None:
    """What a group's files say of a class: that of this name, or the first that makes it; None where none does."""
    paths = sorted(_makers(folder, target), key=lambda path: path.stem != name)
    return head_of(paths[0].read_text(encoding="utf-8")) if paths else None


def name_of_target(folder: Path, target: str) -> str | None:
    """By which name a group has a class; None where no file of it makes it, or several do."""
    names = [path.stem for path in _makers(folder, target)]
    return names[0] if len(names) == 1 else None


def _makers(folder: Path, target: str) -> list[Path]:
    """A group's files that make a class, by their names."""
    made = re.compile(rf"^ *_target_: {re.escape(target)}(?: +#.*)?$", re.MULTILINE)
    return [path for path in sorted(folder.glob("*.yaml")) if made.search(_text(path))]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")  # an odd one is refused once it is chosen itself


def described(path: Path) -> Described:
    """Read a file.

    Raises:
        yaml.YAMLError: it isn't YAML.
        OSError: it can't be read.
    """
    import yaml  # type: ignore[import-untyped]  # slower to load than all else here

    text = path.read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    root = yaml.compose(text, Loader=loader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    values = {key.value: node for key, node in pairs}
    defaults = yaml.load(text, Loader=loader).get("defaults") if "defaults" in values else None
    target = values["_target_"].value if "_target_" in values else None
    return Described(
        head_of(text),
        "@package _global_" in text.partition("\n")[0],
        target if isinstance(target, str) else None,
        tuple(defaults or ()),
        tuple(_keys([pair for pair in pairs if pair[0].value != "defaults"], _Comments(text), prefix="")),
    )


def _keys(pairs: Sequence[tuple[Any, Any]], comments: "_Comments", *, prefix: str) -> Iterator[Key]:
    """Of a mapping's nodes and those within them."""
    for key, node in pairs:
        name = f"{prefix}{key.value}"
        inner = node.value if node.id == "mapping" and not node.flow_style else []
        if not key.value.startswith("_"):
            said = comments.of(key, node, inner=inner[0][0].start_mark.column if inner else None)
            if inner:
                if said.en or said.zh:
                    yield Key(name, "", said)
            else:
                yield Key(name, comments.between(node), said)
        yield from _keys(inner, comments, prefix=f"{name}.")


class _Comments:
    """The lines of a file."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()

    def between(self, node: Any) -> str:
        """What stands there, on one line."""
        if node.id == "sequence" and not node.flow_style:
            return f"[{', '.join(self.between(each) for each in node.value)}]"
        first, last = node.start_mark, node.end_mark
        if first.line == last.line:
            return str(self.lines[first.line][first.column : last.column])
        return " ".join(str(node.value).split()) if node.id == "scalar" else "..."

    def of(self, key: Any, node: Any, *, inner: int | None) -> Said:
        """What is said of a key; `inner` is the column of the keys within its value, if it holds such."""
        # A list in lines of its own ends, to YAML, where the next key begins.
        in_lines = inner is not None or (node.id == "sequence" and not node.flow_style)
        column, end = key.start_mark.column, key.end_mark if in_lines else node.end_mark
        trailing = COMMENT.search(self.lines[end.line], end.column) if end.line < len(self.lines) else None
        english, chinese = self._above(key.start_mark.line, column)
        english += [trailing[2]] if trailing else []
        for line in self.lines[end.line + 1 :]:
            match = COMMENT.fullmatch(line)
            if match is None or len(match[1]) <= column or len(match[1]) == inner:
                break
            zh = ZH.match(match[2])
            (chinese if zh else english).append(match[2][zh.end() :] if zh else match[2])
        return Said(" ".join(english).strip(), "".join(chinese).strip())

    def _above(self, first: int, column: int) -> tuple[list[str], list[str]]:
        """The lines right above at the key's own column, in English and in Chinese."""
        english: list[str] = []
        chinese: list[str] = []
        for line in reversed(self.lines[:first]):
            match = COMMENT.fullmatch(line)
            if match is None or len(match[1]) != column:
                return english[::-1], chinese
            zh = ZH.match(match[2])
            (chinese if zh else english).append(match[2][zh.end() :] if zh else match[2])
        return [], []  # they are the file's first: its head
