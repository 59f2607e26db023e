"""Maps of a finished run: of examples that every run has, or why there are none."""

from hashlib import sha256
from pathlib import Path

import pytest
from boxed_files import write_voc
from tiny_maps import answered_run, stored_run, write_answers

from attnlab.errors import UserError
from attnlab.reporting.pages.linked_maps.contents import NO_ATTENTION
from attnlab.runs import build, checkpoint, kept_maps, own_code
from attnlab.runs.kept_maps import maps_of, predictions_of


def test_runs_that_were_tested_on_the_same_show_the_same_examples(tmp_path: Path) -> None:
    runs = [
        answered_run(tmp_path / attention, "translation", f"attention={attention}") for attention in ("dot", "additive")
    ]
    first, second = (maps_of(folder, num=2)["examples"] for folder in runs)
    assert [(each["id"], each["texts"]["source"]) for each in first] == [
        (each["id"], each["texts"]["source"]) for each in second
    ]
    assert first[0]["views"][0]["layers"] != second[0]["views"][0]["layers"]


def test_a_model_without_attention_says_so(tmp_path: Path) -> None:
    found = maps_of(answered_run(tmp_path / "run", "translation", "model=seq2seq", "model.dim=12"))
    assert found["why"] == NO_ATTENTION


def test_images_that_are_gone_are_told_and_no_run_at_all_is_a_mistake(tmp_path: Path) -> None:
    folder = stored_run(tmp_path / "run", "image_classification", "data=image_folder", f"data.root={tmp_path / 'gone'}")
    write_answers(folder, [{"id": 0, "input": "x", "output": "b", "target": "a", "score": 0.5, "details": {"top": []}}])
    found = maps_of(folder)
    assert found["examples"] == []
    assert "gone" in str(found["why"])
    with pytest.raises(UserError, match="no checkpoint in this folder"):
        maps_of(tmp_path)


def test_images_of_a_set_that_has_a_test_of_its_own_are_the_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which is read alone by what evaluates, and has another checksum then."""
    (tmp_path / "voc").mkdir()
    write_voc(tmp_path / "voc/set")
    data = ["data=voc", f"data.root={tmp_path / 'voc/set'}", "data.height=32", "data.width=40", "data.channels=1"]
    run = kept_maps.TestedRun(stored_run(tmp_path / "run", "object_detection", *data))
    trained = build.build_data(run.config)
    trained.prepare_data()
    monkeypatch.setattr(checkpoint, "load", lambda path: {checkpoint.KEY: {"checksum": trained.checksum}})
    image = run.image(0)
    assert image is not None
    assert image["address"].startswith("data:image")


def test_answers_that_are_missing_or_damaged_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"got no .*: the test left no answers"):
        predictions_of(tmp_path)
    (tmp_path / "predictions.jsonl").write_text("{")
    with pytest.raises(UserError, match="maps are of tested examples, got"):
        predictions_of(tmp_path)


def test_code_of_ones_own_that_has_changed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Maps are made with what it is now."""
    folder = answered_run(tmp_path / "run", "translation", "attention=dot")
    (tmp_path / "mine.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    own_code.record(folder, {"mine.py": sha256(b"x = 0\n").hexdigest()})
    assert "mine.py has changed since" in str(kept_maps.TestedRun(folder).changed)
    assert "the maps may not be those of the run: " in capsys.readouterr().err
    own_code.record(folder, {"mine.py": sha256(b"x = 1\n").hexdigest()})
    assert kept_maps.TestedRun(folder).changed is None
    assert not capsys.readouterr().err
