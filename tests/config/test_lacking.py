"""What must be given is told by what its file says of it, and by what there is to choose from."""

from pathlib import Path

import pytest

from attnlab.config.compose import compose_run
from attnlab.errors import UserError

TABLE = ["task=translation", "data=parallel_table"]


def _refused(*overrides: str) -> str:
    with pytest.raises(UserError) as caught:
        compose_run(overrides)
    return str(caught.value)


def test_each_is_described_and_named_to_be_set() -> None:
    said = _refused(*TABLE)
    assert said.startswith(
        "data.source (a language's code, as en) and data.target (likewise, of the other language) must"
    )
    assert said.endswith("must be given (set data.source=... data.target=...)")
    assert "data.target" not in _refused(*TABLE, "data.target=es").partition("(set")[2]


def test_what_is_there_is_shown() -> None:
    Path("files").mkdir()
    assert "; files holds nothing (" in _refused(*TABLE, "data.root=files")
    for number in range(9):
        Path(f"files/{number}.txt").touch()
    assert "; files holds 0.txt, 1.txt, 2.txt, 3.txt, 4.txt, 5.txt, 6.txt, 7.txt, ... (" in _refused(
        *TABLE, "data.root=files"
    )
    Path("files/train.tsv").touch()
    assert "; files/train.tsv is empty (" in _refused(*TABLE, "data.root=files")
    Path("files/train.tsv").write_text("one\ttwo\nhello\thola\n")
    assert "; files/train.tsv begins with 'one\\ttwo' (" in _refused(*TABLE, "data.root=files")
    Path("files/train.tsv").write_text("one\ttwo\nhello\thola\n", encoding="utf-16")
    assert "; files/train.tsv, whose encoding is utf-16, begins with 'one\\ttwo' (" in _refused(
        *TABLE, "data.root=files"
    )
    assert "holds" not in _refused(*TABLE, "data.root=nowhere")


def test_a_file_of_ones_own_describes_its_keys() -> None:
    Path("own/data").mkdir(parents=True)
    Path("own/data/mine.yaml").write_text(
        "defaults: [parallel_table, _self_]\nsource: ???   # what it is from\ntarget: es\n"
    )
    with pytest.raises(UserError, match=r"^data.source \(what it is from\) must be given"):
        compose_run(["task=translation", "data=mine"], config_dirs=["own"])
