"""`attnlab figures`: files of a run's pictures, or one line."""

import json
from pathlib import Path

import pytest
from tiny_maps import answered_run

from attnlab.commands import cli


def test_each_picture_is_written_in_each_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = answered_run(tmp_path / "0123456789", "translation")
    (run / "metrics.json").write_text(json.dumps({"best": {"monitor": "val/loss", "score": 1.5}, "test": {}}))
    (run / "metrics.csv").write_text("step,metric,value\n50,val/loss,1.5\n")
    wishes = ["--whole-words", "--hide-special", "--scale", "0:0.5", "--width", "6", "--title", "Where 词 look"]
    assert cli.main(["figures", str(run), "--num", "1", "--format", "svg", "--format", "png", *wishes]) == 0
    written = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert {path.suffix for path in written} == {".svg", ".png"}
    assert {path.stem.split("_", 1)[-1] for path in written} == {"curves", "cross_attention"}
    assert all(path.is_file() and path.parent == run / "figures" for path in written)


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["nosuch"], "no such run folder or checkpoint, got nosuch; no run lies below"),
        (["a file"], "a run is drawn by its folder, got the file a file (give a run's folder)"),
        ([".", "--num", "-1"], "--num must be 0 or more, got -1"),
        (["R1", "R2", "R3"], "one run is drawn at a time, got 3"),
        (["R1", "--num", "2", "R2"], "one run is drawn at a time, got 2"),
        (["R1", "--nmu", "2"], "no such option of attnlab figures, got --nmu"),
        ([".", "--examples", "1,b"], "--examples is ids of test examples, such as 1,26, got 1,b"),
        ([".", "--scale", "3"], "--scale is two weights such as 0:0.5, got 3"),
        (["."], "figures are of a finished run, got . without metrics.json (finish it first)"),
        ([".", "--format", "jpg"], "--format must be one of png, pdf, svg (did you mean png?), got 'jpg'"),
    ],
)
def test_what_cannot_be_is_one_line(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a file").touch()
    assert cli.main(["figures", *arguments]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(f"error: {said}")
    assert printed.count("\n") == 1


def test_pictures_are_not_written_where_a_strangers_link_leads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = answered_run(tmp_path / "0123456789", "translation")
    (run / "metrics.json").write_text(json.dumps({"best": {"monitor": "val/loss", "score": 1.5}, "test": {}}))
    (tmp_path / "victim").mkdir()
    (run / "figures").symlink_to(tmp_path / "victim")
    assert cli.main(["figures", str(run), "--num", "0"]) == 2
    assert f"in a run's own folder, got the link {run / 'figures'} (set --out)" in capsys.readouterr().err
    assert not list((tmp_path / "victim").iterdir())


def test_pictures_of_another_run_are_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = answered_run(tmp_path / "one", "translation")
    other = answered_run(tmp_path / "other", "translation", "attention=uniform")
    for run in (one, other):
        (run / "metrics.json").write_text(json.dumps({"best": {"monitor": "val/loss", "score": 1.5}, "test": {}}))
    thesis = tmp_path / "thesis"
    drawing = ["--num", "1", "--out", str(thesis)]
    assert cli.main(["figures", str(one), *drawing]) == 0
    assert cli.main(["figures", str(one), "--mean", *drawing]) == 0, "a run's own are drawn again"
    (picture,) = thesis.iterdir()
    before = picture.read_bytes()
    capsys.readouterr()
    assert cli.main(["figures", str(other), *drawing]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"error: {picture} is a picture of another, run ")
    assert captured.err.endswith(" (set --out to a folder of this run's)\n")
    assert picture.read_bytes() == before
    assert cli.main(["figures", str(other), "--num", "1", "--out", str(thesis / "uniform")]) == 0
    picture.write_bytes(b"my own")
    assert cli.main(["figures", str(one), *drawing]) == 2
    assert "isn't known to be a picture of run" in capsys.readouterr().err
    assert picture.read_bytes() == b"my own"
