"""The papers that the configuration names: every key is one of the bibliography's, and every entry is read rightly."""

import re
from pathlib import Path

import pytest

from attnlab.config import references
from attnlab.config.conf_path import conf_dir
from attnlab.config.described import Head, head_of
from attnlab.errors import UserError

KNOWN = references.read(conf_dir())
CITED = re.compile(r"([A-Z][\w-]+)(?: et al\.| Team| and [A-Z]\w+| & [A-Z]\w+)?,? \(?((?:19|20)\d{2})\b")
# A lecture, which is nowhere to link to.
NO_PAPERS = {("Tieleman", "2012")}
NAMES_OF_WORKS = {"DeepSeek-V2": "DeepSeek-AI", "SAGAN": "Zhang"}

ENTRY = """@misc{key,
  author = {Ng, Ann and Bo, Cy and Team Red},
  title = {A {Title}},
  year = {2031},
  eprint = {3101.00001},
  archivePrefix = {arXiv},
}
"""


def _heads() -> dict[Path, Head]:
    paths = sorted(conf_dir().rglob("*.yaml"))
    return {path: head_of(path.read_text(encoding="utf-8")) for path in paths}


def _bibliography(folder: Path, text: str) -> Path:
    (folder / references.FILE).write_text(text, encoding="utf-8")
    return folder


def test_every_entry_is_whole_and_its_key_says_whose_it_is_and_when() -> None:
    assert len(KNOWN) > 70
    for key, each in KNOWN.items():
        assert all((each.title, *each.authors)), key
        assert not re.search(r"[{}\\]", f"{each.title}{each.by}{each.venue}"), "LaTeX is left"
        known = r"https://(arxiv\.org/abs/\d{4}\.\d{4,5}|doi\.org/10\.\d+/\S+|(?!arxiv|doi)\S+)"
        assert re.fullmatch(known, each.link), each.link
        first = re.match(r"[\w-]+", each.cited)
        assert first
        assert key.startswith(f"{first[0].lower().split('-')[0]}{each.year}"), key


def test_a_paper_stands_in_the_bibliography_once() -> None:
    for said in ("link", "title"):
        values = [getattr(each, said).lower() for each in KNOWN.values()]
        assert len(set(values)) == len(values), said


def test_no_key_is_dead_and_none_is_unknown() -> None:
    named = {key for head in _heads().values() for key in references.keys_of(head.papers)}
    assert named == KNOWN.keys()


@pytest.mark.parametrize("group", ["attention", "feature_attention"])
def test_every_mechanism_names_its_papers_or_says_why_there_are_none(group: str) -> None:
    without = set()
    for path, head in _heads().items():
        if path.parent.name == group and not path.stem.startswith("_"):
            assert references.keys_of(head.papers) or references.reason_of(head.papers), path
            without |= set() if references.keys_of(head.papers) else {path.stem}
    assert without <= {"identity", "position_only", "none", "wider"}, "controls alone have none"


def test_whoever_a_head_names_is_among_its_papers() -> None:
    for path, head in _heads().items():
        cited = set(CITED.findall(" ".join(head.en))) - NO_PAPERS
        if path.parent.name in ("data", "study", "sampler", "pruner"):  # those name no papers
            continue
        papers = [KNOWN[key] for key in references.keys_of(head.papers)]
        for who, year in cited:
            first = NAMES_OF_WORKS.get(who, who)
            assert any(each.year == year and each.cited.startswith(first) for each in papers), (path, who, year)


def test_an_entry_is_read_as_latex_prints_it(tmp_path: Path) -> None:
    text = ENTRY.replace("A {Title}", r"{N}ystr{\"o}m, {\c{c}}a \& ``so'' on").replace(
        "Ng, Ann", r"van der N{\'e}, Ann"
    )
    (found,) = references.read(_bibliography(tmp_path, f"% said\n\n{text}")).values()
    assert found.title == "Nyström, ça & “so” on"
    assert found.authors == ("Ann van der Né", "Cy Bo", "Team Red")
    assert found.by == "Ann van der Né, Cy Bo and Team Red"
    assert found.cited == "van der Né et al., 2031"
    assert found.link == "https://arxiv.org/abs/3101.00001"
    assert found.entry == text.strip()


@pytest.mark.parametrize(
    "authors, cited, by",
    [
        ("Ng, Ann", "Ng, 2031", "Ann Ng"),
        ("{Kimi Team}", "Kimi Team, 2031", "Kimi Team"),
        ("Ng, Ann and Bo, Cy", "Ng and Bo, 2031", "Ann Ng and Cy Bo"),
        ("Ng, Ann and others", "Ng et al., 2031", "Ann Ng et al."),
    ],
)
def test_authors_are_named_as_they_are_many(tmp_path: Path, authors: str, cited: str, by: str) -> None:
    text = ENTRY.replace("Ng, Ann and Bo, Cy and Team Red", authors)
    (found,) = references.read(_bibliography(tmp_path, text)).values()
    assert (found.cited, found.by) == (cited, by)


@pytest.mark.parametrize(
    "text, refusal",
    [
        (ENTRY + ENTRY, "a key must be of one paper alone, got key twice"),
        (ENTRY.replace("  year = {2031},\n", ""), "must have an author, a title and a year, got none of year"),
        (ENTRY.replace("2031", "in press"), "a year must be four digits, got 'in press'"),
        (ENTRY.replace("  archivePrefix = {arXiv},\n", ""), "an eprint of arXiv, a doi or a url, got none of them"),
        (
            ENTRY.replace("{2031},", "2031,"),
            "a field must be written once, as `  year = {2015},`, got '  year = 2031,'",
        ),
        (ENTRY.replace("  year", "year"), "an entry must have one field a line"),
    ],
)
def test_what_the_reader_would_misread_is_refused(tmp_path: Path, text: str, refusal: str) -> None:
    with pytest.raises(UserError, match=re.escape(refusal)):
        references.read(_bibliography(tmp_path, text))


def test_a_folder_of_ones_own_has_papers_of_its_own(tmp_path: Path) -> None:
    folders = [conf_dir(), _bibliography(tmp_path, ENTRY)]
    assert [each.title for each in references.named("key, vaswani2017attention", folders)] == [
        "A Title", "Attention Is All You Need",
    ]  # fmt: skip
    assert references.named("none, a control", folders) == references.named("", folders) == []
    refusal = rf"got vaswani2017atention \(did you mean vaswani2017attention\?\) \(write it into {tmp_path}"
    with pytest.raises(UserError, match=refusal):
        references.named("vaswani2017atention", folders)
