import json
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_compared import write_record, write_run, write_runs

from attnlab.commands import cli
from attnlab.commands.compare.command import of_sweep


def test_finished_runs_are_judged_and_it_is_said_on_what_that_rests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_runs(tmp_path, "uniform", seeds=range(5), right=0.1)
    write_runs(tmp_path, "dot", seeds=range(5), right=0.95, model__dim=16)
    write_run(tmp_path / "unfinished", right=None)
    assert cli.main(["compare", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "10 runs in 2 groups, by test accuracy: greater is better" in said
    assert "control: uniform (the plainest attention among them" in said
    assert "exploratory: not what a study was planned to tell; one comparison is shown" in said
    assert "5 runs of an arm: enough for a verdict; take 10" in said
    assert "A study like this one finds a true difference of" in said
    assert "dot is better than uniform in accuracy" in said
    assert "16 for 8" in said
    assert "CONFOUNDED" in said
    assert "unfinished: it isn't finished" in said
    assert cli.main(["compare", str(tmp_path), "--margin", "0.9", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["control"], record["verdicts"]["dot"]["by_less_than_matters"]) == ("uniform", True)


def test_finished_runs_are_judged_without_torch(tmp_path: Path) -> None:
    write_runs(tmp_path, "uniform", seeds=range(5), right=0.1)
    write_runs(tmp_path, "dot", seeds=range(5), right=0.95)
    code = (
        "import sys; from attnlab.commands.cli import main; status = main(sys.argv[1:]);"
        "loaded = [name for name in ('torch', 'lightning', 'matplotlib') if name in sys.modules];"
        "assert not loaded, loaded; sys.exit(status)"
    )
    command = [sys.executable, "-c", code, "compare", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "dot is better than uniform in accuracy" in done.stdout


def test_the_same_configuration_is_divided_by_against(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = list(map(str, write_runs(tmp_path, "dot", seeds=range(1, 5))))
    assert cli.main(["compare", *runs[:2], "--against", *runs[2:]]) == 0
    said = capsys.readouterr().out
    assert "control: seeds 3-4 (as given by --against" in said
    assert "2 runs of an arm: too few for a verdict on it; a verdict takes 4" in said
    assert "seeds 1-2: none, but for the seed" in said


def test_a_sweep_against_another_of_the_same_configuration_finds_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = write_runs(Path("outputs"), "dot", seeds=range(1, 11), right=0.6)
    records = [
        write_record(tmp_path / "sweeps" / name, {f"{number} finished": run for number, run in enumerate(part)})
        for name, part in (("first", runs[:5]), ("second", runs[5:]))
    ]
    assert cli.main(["compare", str(records[0]), "--against", str(records[1])]) == 0
    said = capsys.readouterr().out
    assert "10 runs in 2 groups" in said
    assert "seeds 1-5 is better or worse than seeds 6-10 in accuracy is undecided" in said or "is the same as" in said
    assert "seeds 1-5: none, but for the seed" in said


def test_one_run_each_is_a_pair_of_models(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for attention in ("dot", "uniform"):
        write_run(tmp_path / attention, attention)
    assert cli.main(["compare", str(tmp_path)]) == 0
    assert "this pair of models is compared, not their mechanisms" in capsys.readouterr().out


def test_a_page_is_written_into_a_file_or_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attnlab.study.html.of_comparison.comparison_page", lambda compared, *, trust: f"<p>it {trust}")
    write_run(tmp_path / "runs" / "0")
    for given, path in (("a/one.html", "a/one.html"), ("b", "b/report.html"), ("runs", "runs/report.html")):
        command = ["compare", str(tmp_path / "runs"), "--html", str(tmp_path / given), "--trust", "mine"]
        assert cli.main(command) == 0
        assert (tmp_path / path).read_text() == "<p>it ('mine',)"
        assert f"report: {tmp_path / path}" in capsys.readouterr().err
    assert cli.main(["compare", str(tmp_path / "runs"), "--html", str(tmp_path / "a" / "one.html" / "more")]) == 2
    assert "(set --html)" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments, said",
    [
        ([], "attnlab compare needs DIR, "),
        (["nosuch"], "no such run folder or checkpoint, got nosuch"),
        (["."], "no run is there to be compared, got ."),
        ([".", "--margin", "much"], "--margin must be a number, got 'much'"),
        ([".", "--trust", "mine"], "code is trusted for a page's maps, got --trust mine without --html (add --html)"),
        ([".", "--html", "a.html", "--trust", "json"], "only packages of your own can be trusted, got json"),
        ([".", "--against", "nosuch"], "no such run folder or checkpoint, got nosuch"),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["compare", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("error: ")
    assert error.count("\n") == 1


def test_a_sweep_whose_runs_cannot_be_compared_says_why_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of_sweep(tmp_path)
    assert "not compared: no run is there to be compared" in capsys.readouterr().out
