"""A run by a short name: what is meant, and one line where nothing is or several are."""

import os
from pathlib import Path

import pytest

from attnlab.errors import UserError
from attnlab.runs.named import by_age, run_named, runs_below


def _run(folder: str, *, at: float, names: tuple[str, ...] = ("config.json",)) -> Path:
    path = Path(folder)
    (path / "checkpoints").mkdir(parents=True)
    for name in names:
        (path / name).write_text("{}")
        os.utime(path / name, (at, at))
    return path


@pytest.fixture(autouse=True)
def _runs() -> None:
    _run("outputs/ner/a/3fa1111111", at=100)
    _run("outputs/ner/a/3fb2222222", at=300)
    # Begun early, and trained on since.
    _run("outputs/translation/b/c/44c3333333", at=50, names=("config.json", "checkpoints/last.ckpt"))
    os.utime("outputs/translation/b/c/44c3333333/checkpoints/last.ckpt", (400, 400))
    _run("elsewhere/mine", at=500)
    _run("outputs/ner/a/3fa1111111/earlier/1", at=900)


@pytest.mark.parametrize(
    "given, meant",
    [
        ("last", "outputs/translation/b/c/44c3333333"),
        ("outputs/ner/last", "outputs/ner/a/3fb2222222"),
        ("4", "outputs/translation/b/c/44c3333333"),
        ("3fa", "outputs/ner/a/3fa1111111"),
        ("3FA", "outputs/ner/a/3fa1111111"),
        ("outputs/ner/a/3FB2222222", "outputs/ner/a/3fb2222222"),
        ("LAST", "outputs/translation/b/c/44c3333333"),
        ("outputs/ner/a/3fb", "outputs/ner/a/3fb2222222"),
        ("elsewhere/last", "elsewhere/mine"),
        ("c", "outputs/translation/b/c/44c3333333"),
        ("elsewhere/mine", "elsewhere/mine"),
        ("elsewhere/mine/checkpoints", "elsewhere/mine/checkpoints"),
    ],
)
def test_a_run_is_found_by_its_short_name(given: str, meant: str) -> None:
    assert run_named(given) == Path(meant)


def test_a_run_that_was_refused_since_is_not_the_last() -> None:
    _run("outputs/translation/b/5555555555", at=600)
    assert run_named("last") == Path("outputs/translation/b/c/44c3333333")


def test_a_path_that_is_there_comes_before_a_short_name() -> None:
    Path("last").write_text("a checkpoint")
    _run("3fa", at=0)
    assert run_named("last") == Path("last")
    assert run_named("3fa") == Path("3fa")


@pytest.mark.parametrize(
    "given, said",
    [
        ("3f", "named alone, got 3f, which may be 3fb2222222 (a), 3fa1111111 (a) (give more of its name)"),
        ("The cat sees a bird.", "a run comes first, got The cat sees a bird. (give a run's folder, the beginning of"),
        ("zz", "/outputs there are 44c3333333 (c); see attnlab list runs)"),  # the others weren't trained
        ("outputs", "one run is needed, got the folder outputs, below which there are 44c3333333 (c) (give one; see "),
        ("outputs/ner", "below which there are 3fb2222222 (a), 3fa1111111 (a) (give one; see "),
        (
            "elsewhere",
            "got the folder elsewhere, below which there are elsewhere/mine (give one; see attnlab list runs ",
        ),
        ("nowhere/last", "no such run folder or checkpoint, got nowhere/last; no run lies below /"),
    ],
)
def test_what_is_no_single_run_names_those_that_might_be_meant(given: str, said: str) -> None:
    with pytest.raises(UserError) as error:
        run_named(given)
    assert said in str(error.value)


def test_runs_are_found_whole_and_not_those_that_were_put_aside() -> None:
    assert [run.name for run in runs_below(Path("outputs"))] == ["3fa1111111", "3fb2222222", "44c3333333"]
    assert [run.name for run in by_age(runs_below(Path("outputs")))] == ["44c3333333", "3fb2222222", "3fa1111111"]
    _run("far/1/2/3/4/5", at=0)
    assert list(runs_below(Path("far"))) == []


def test_a_study_is_told_by_name_with_what_it_has_for_a_paper() -> None:
    study = Path("outputs/studies/s/0123456789")
    study.mkdir(parents=True)
    (study / "plan.json").write_text('{"study": "s", "jobs": []}')
    with pytest.raises(UserError, match=rf"^one run is needed, got the study {study} \(give a run of it; see attnlab"):
        run_named(study)
    for name in ("forest.pdf", "report.html"):
        (study / name).touch()
    with pytest.raises(UserError, match=rf"got the study {study}, which has forest.pdf, report.html \(give a run"):
        run_named(study)
    (study / "plan.json").write_text("[1]")
    assert run_named(study) == study, "that is another plan"


@pytest.mark.parametrize(
    "given, said",
    [
        ("‘last’", r"got ‘last’ \(write last\)"),
        ("last，", r"got last， \(write last\)"),
        ("outputs／ner／a／3fa1111111", r"\(write outputs/ner/a/3fa1111111\)"),
        ("lats", r"got lats \(did you mean last\?\)"),
        ("a", r"a run must be named alone, got a, which may be"),
    ],
)
def test_what_may_be_meant_is_told(given: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        run_named(given)
