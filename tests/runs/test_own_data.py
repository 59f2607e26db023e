"""A finished run whose data has changed since isn't reported as if it were of the data that lies there now."""

import json
import os
import shutil
from pathlib import Path

import pytest
from tiny import run, write_corpus

from attnlab.commands import cli
from attnlab.config.compose import compose_run
from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.reporting.messages.chinese import said_in_chinese
from attnlab.runs import build, own_data
from attnlab.runs.own_data import check_same_data, newer_files

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

AHEAD = 100  # seconds
BUNDLED = {"_target_": "attnlab.data.BibleEnEs"}


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


def _warned(capsys: pytest.CaptureFixture[str], *overrides: str) -> tuple[list[str], str]:
    capsys.readouterr()
    assert cli.main(["evaluate", "run", "--json", *overrides]) == 0
    said = capsys.readouterr()
    warnings = json.loads(said.out)["warnings"]
    return [each["message"] for each in warnings if each["kind"] == "data_changed"], said.err


def test_a_test_that_has_changed_is_said_with_its_scores(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(corpus, "output_dir=run", "trainer.max_steps=1") == 0
    changed, other = sorted(corpus.glob("test.*"))
    text = changed.read_text()
    _change(other, other.read_text())  # its date alone
    (corpus / "test.log").write_text("")
    _change(changed, text.replace(text.split()[0], "other", 1))
    [said], shown = _warned(capsys, "data.batch_tokens=99")
    assert "the data has changed since this run: sha256 was " in said
    assert f"newer than its record: {changed}, {other}; these are scores of what is there now" in said
    assert said in shown
    assert said_in_chinese(said) is not None
    assert _warned(capsys, f"data.root={shutil.copytree(corpus, tmp_path / 'given')}")[0] == []
    changed.write_text(text)
    train = sorted(corpus.glob("train.*"))[0]
    _change(train, train.read_text().replace(train.read_text().split()[0], "other", 1))
    assert _warned(capsys)[0] == []  # the test is the run's
    Path("run/metrics.json").unlink()
    assert len(_warned(capsys)[0]) == 1  # of test alone nothing is on record


@pytest.mark.parametrize(
    "now, of_test, whole, said",
    [
        ("old", None, None, False),
        ("new", None, "new", True),
        ("of test alone", None, "old", False),
        ("of test alone", None, None, False),  # training's files aren't there
        ("of test alone", "same", "new", False),
        ("of test alone", "another", "old", True),
    ],
)
def test_a_test_is_held_against_what_was_read_when_it_was_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: str, of_test: str | None, whole: str | None, said: bool
) -> None:
    def read(config: object) -> str:
        if whole is None:
            raise UserError("no file")
        return whole

    monkeypatch.setattr(own_data, "checksum_now", read)
    data = DataModule(root=str(tmp_path), cache_dir=None, seed=0)
    data.checksum, data.test_checksum = now, of_test
    recorded = {"checksum": "old", "test_checksum": "same"}
    for root, expected in ((str(tmp_path), said), (None, False)):  # the second is the project's own
        data.warnings = []
        config = {"data": {"_target_": "attnlab.data.TranslationDataModule", "corpus": BUNDLED, "root": root}}
        own_data.warn_if_changed(data, config, trained_on="old", recorded=recorded, record=tmp_path)
        assert bool(data.warnings) == expected


def test_of_newer_files_those_that_the_data_names_are_told(tmp_path: Path) -> None:
    record, root = tmp_path / "metrics.json", tmp_path / "da[ta]"
    root.mkdir()
    for path in (record, root / "train.tsv.gz", root / "a.txt", root / "train.bak"):
        path.write_text("")
    for path in root.iterdir():
        _change(path, "x")
    data = {"root": str(root), "source": "en", "corpus": {"_target_": "a.b", "train": "train.tsv", "test": "test.tsv"}}
    assert newer_files(data, record) == [root / "train.tsv.gz"]
    assert newer_files(data | {"corpus": {"train": ["*.txt"]}}, record) == [root / "a.txt"]
    assert newer_files(data | {"corpus": {}}, record) == [
        root / name for name in ("a.txt", "train.bak", "train.tsv.gz")
    ]


def test_what_is_bundled_is_not_read_again() -> None:
    config = build.plain(compose_run([]))
    other = {"data": {"checksum": "0"}}
    check_same_data(Path("run"), config, other, instead="")
    with pytest.raises(UserError, match=r"can't be read: a text file must exist, got "):
        check_same_data(Path("run"), config | {"data": config["data"] | {"root": "."}}, other, instead="")
