"""A finished run whose data has changed since isn't reported as if it were of the data that lies there now."""

import os
import shutil
from pathlib import Path

import pytest
from tiny import run, write_corpus

from attnlab.config.compose import compose_run
from attnlab.errors import UserError
from attnlab.runs import build
from attnlab.runs.own_data import check_same_data

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

AHEAD = 100  # seconds


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def _change(path: Path, text: str) -> None:
    path.write_text(text)
    later = path.stat().st_mtime + AHEAD
    os.utime(path, (later, later))


def test_another_text_of_ones_own_is_named_and_nothing_is_lost(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(corpus, "output_dir=run") == 0
    record = Path("run/metrics.json").read_bytes()
    changed = sorted(corpus.glob("train.*"))[0]
    first, *others = changed.read_text().splitlines(keepends=True)
    capsys.readouterr()

    _change(changed, "".join([others[0], *others]))
    assert run(corpus, "output_dir=run") == 2
    said = capsys.readouterr()
    assert "the data has changed since this run: sha256 was " in said.err
    assert f"newer than its record: {changed} (restore it, or set fresh=true to begin anew" in said.err
    assert "this run is finished" not in said.out

    _change(changed, "".join(others))  # a line less
    assert run(corpus, "output_dir=run") == 2
    assert "the data of this finished run has changed, for it can't be read: " in capsys.readouterr().err

    _change(changed, "".join([first, *others]))  # as it was, but for its date
    assert run(corpus, "output_dir=run") == 0
    assert "this run is finished" in capsys.readouterr().out
    assert Path("run/metrics.json").read_bytes() == record

    shutil.move(corpus, tmp_path / "elsewhere")
    assert run(corpus, "output_dir=run") == 0
    said = capsys.readouterr()
    assert "whether the data has changed since this run can't be told" in said.out + said.err
    assert "this run is finished" in said.out


def test_what_is_bundled_is_not_read_again() -> None:
    config = build.plain(compose_run([]))
    other = {"data": {"checksum": "0"}}
    check_same_data(Path("run"), config, other, instead="")
    with pytest.raises(UserError, match=r"can't be read: a text file must exist, got "):
        check_same_data(Path("run"), config | {"data": config["data"] | {"root": "."}}, other, instead="")
