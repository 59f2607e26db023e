"""What a finished run can be asked next: commands that work as they stand."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from attnlab.reporting.terminal import next_steps as module
from attnlab.reporting.terminal.next_steps import command, next_steps, sweep_steps

FOLDER = Path("outputs/translation/name/0123456789")
CONFIG = {"output_root": "outputs", "run_path": "translation/name/0123456789", "model": {}}


def _steps(
    words: str, *, slots: dict[str, str], texts: tuple[str, ...] = ("one two three",), asked: str | None = None,
    trust: tuple[str, ...] = (), **model: Any,
) -> dict[str, str]:  # fmt: skip
    """The commands by their labels."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "predictions.jsonl").write_text("".join(json.dumps({"input": text}) + "\n" for text in texts))
    results = {"command": f"attnlab train {words}", "attention_slots": slots}
    config = CONFIG | {"model": model}
    lines = list(next_steps(FOLDER, config, results, asked=asked, trust=trust))
    assert lines[0] == "next"
    return {line[2:12].strip(): line[12:] for line in lines[1:]}


@pytest.fixture(autouse=True)
def _plain_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "command", lambda name: name)


def test_a_run_is_predicted_with_controlled_compared_shown_and_synced() -> None:
    (FOLDER / "wandb/offline-run-1-ab").mkdir(parents=True)
    words = "experiment=quick attention=local attention.core.window=5 output_dir=run fresh=true"
    assert _steps(words, slots={"cross": "local"}, texts=("x", "two\nwords, isn't it?")) == {
        "predict": f"attnlab predict {FOLDER} 'two words, isn'\"'\"'t it?'",
        "control": "attnlab train experiment=quick attention=uniform",
        "compare": "attnlab compare outputs/translation",
        "page": f"attnlab view {FOLDER}",
        "wandb": f"wandb sync {FOLDER}/wandb/offline-run-1-ab",
    }


@pytest.mark.parametrize(
    "words, slots, model, expected",
    [
        ("attention=uniform", {"cross": "uniform"}, {}, ("attention", "attention=scaled_dot")),
        ("", {"self": "scaled_dot"}, {}, ("control", "attention=uniform")),
        ("--config-dir a seed=1 seed=2 --config-dir b", {"self": "local"}, {},
         ("control", "--config-dir a seed=2 --config-dir b attention=uniform")),
        ("model.cross_attention=additive", {"self": "scaled_dot"}, {}, ("control", "model.cross_attention=uniform")),
        ("feature_attention=eca", {"se": "eca"}, {"_target_": "a.EcaFeatureAttention"},
         ("control", "feature_attention=none")),
        ("feature_attention=none", {}, {"_target_": "a.NoneFeatureAttention"}, ("attention", "feature_attention=se")),
    ],
)  # fmt: skip
def test_the_other_run_is_of_the_plainest_attention_or_of_one(
    words: str, slots: dict[str, str], model: dict[str, str], expected: tuple[str, str]
) -> None:
    steps = _steps(words, slots=slots, **({"feature_attention": model} if model else {}))
    label, override = expected
    assert steps[label] == f"attnlab train {override}"


@pytest.mark.parametrize(
    "words, core, on_maps, expected",
    [
        ("model=a", "scaled_dot", "NonLocal", ("control", "model=a attention=uniform")),
        ("model=a", "scaled_dot", "None", ("control", "model=a attention=uniform")),
        ("attention=uniform", "uniform", "None", ("attention", "attention=scaled_dot")),
        ("feature_attention=none", "scaled_dot", "None", ("control", "feature_attention=none attention=uniform")),
        ("feature_attention=se", "scaled_dot", "Se", ("control", "feature_attention=none")),
        ("attention=dot feature_attention=se", "dot", "Se", ("control", "feature_attention=se attention=uniform")),
    ],
)
def test_a_model_with_attention_in_slots_and_on_maps_is_controlled_by_what_stands_in_its_slots(
    words: str, core: str, on_maps: str, expected: tuple[str, str]
) -> None:
    """Without its mechanism on maps it attends still, unless that alone is what was asked for."""
    model = {"attention": {"_target_": "a.B"}, "feature_attention": {"_target_": f"a.{on_maps}FeatureAttention"}}
    steps = _steps(words, slots={"places": core, "blocks": on_maps.lower()}, **model)
    label, command_of = expected
    assert steps[label] == f"attnlab train {command_of}"


@pytest.mark.parametrize("words", ["-m attention=additive,uniform", "resume=outputs/x", "--job outputs/x"])
def test_what_was_not_trained_by_overrides_alone_has_no_other_run(words: str) -> None:
    assert "control" not in _steps(words, slots={"cross": "additive"})
    assert "control" not in _steps("model=seq2seq", slots={})


def test_what_has_no_other_run_is_compared_only_where_others_may_lie(tmp_path: Path) -> None:
    results, config = {"command": "attnlab train --job x", "attention_slots": {}}, {**CONFIG, "output_root": "nowhere"}
    assert not [line for line in next_steps(tmp_path, config, results, asked=None, trust=()) if " compare " in line]
    Path("nowhere/translation").mkdir(parents=True)
    steps = list(next_steps(tmp_path, config, results, asked=None, trust=()))
    assert f"  compare   attnlab compare {tmp_path} nowhere/translation" in steps


def test_images_and_code_of_ones_own_are_asked_as_they_must_be() -> None:
    steps = _steps("", slots={"cross": "additive"}, texts=(), asked="PICTURE.png --out marked", trust=("my_package",))
    assert steps["predict"] == f"attnlab predict {FOLDER} PICTURE.png --out marked --trust my_package"
    assert steps["page"].endswith("--trust my_package")
    assert "predict" not in _steps("", slots={"cross": "additive"}, texts=())


def test_a_torch_that_runs_code_is_told_that_the_run_is_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attnlab.config.trusted_files.version", lambda name: "2.3.1")
    steps = _steps("", slots={"cross": "additive"}, texts=(), asked="PICTURE.png")
    assert steps["predict"].endswith(" PICTURE.png --trust-file")
    assert steps["page"].endswith(" --trust-file")


def test_a_sweep_has_its_page_next(tmp_path: Path) -> None:
    record = tmp_path / "outputs/sweeps/2026-01-01_00-00-00"
    assert list(sweep_steps(record)) == [
        "next",
        "  page      attnlab compare outputs/sweeps/2026-01-01_00-00-00 --html "
        "outputs/sweeps/2026-01-01_00-00-00/report.html",
    ]
    assert list(sweep_steps(Path("/elsewhere")))[1].endswith("compare /elsewhere --html /elsewhere/report.html")


def test_in_chinese_what_comes_next_is_said_of_a_sweep_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    first, second = sweep_steps(Path("sweeps/x"))
    assert first == "接下来"
    assert second.startswith("  网页")


def test_a_command_that_the_terminal_doesnt_find_is_called_by_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".venv/bin").mkdir(parents=True)
    for name in ("python", "attnlab"):
        (tmp_path / ".venv/bin" / name).touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv/bin/python"))
    monkeypatch.setenv("PATH", "/usr/bin")
    assert command("attnlab") == ".venv/bin/attnlab"
    assert command("wandb") == "wandb"  # not of this environment
    monkeypatch.setenv("PATH", str(tmp_path / ".venv/bin"))
    assert command("attnlab") == "attnlab"


def test_a_long_text_is_cut_between_words() -> None:
    given = _steps("", slots={"cross": "dot"}, texts=("seven letters " * 20,))["predict"]
    assert given.endswith("seven letters seven'")
    unspaced = _steps("", slots={"cross": "dot"}, texts=("\u732b" * 200,))["predict"]
    assert unspaced.rstrip("'").endswith("\u732b" * 90)


def test_a_picture_of_the_test_is_named_where_it_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CONFIG, "data", {"root": str(tmp_path)})
    asked, given = "PICTURE.png --out marked", ("a b.jpg",)
    assert _steps("", slots={}, texts=given, asked=asked)["predict"].endswith(" PICTURE.png --out marked")
    (tmp_path / "a b.jpg").touch()
    assert _steps("", slots={}, texts=given, asked=asked)["predict"].endswith("a b.jpg' --out marked")
