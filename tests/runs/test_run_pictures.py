"""A finished run's pictures come again, those of its own test."""

import json
from pathlib import Path

import pytest
from tiny_maps import answered_run, stored_run, write_answers

from attnlab.errors import UserError
from attnlab.reporting.look import Look, arranged
from attnlab.reporting.pictures import AttentionPicture, Confusion, Curves
from attnlab.runs.run_pictures import caption_of, finished_run, pictures_of

LOG = "step,metric,value\n50,train/loss,2.0\n50,val/loss,1.5\n"


def _finished(folder: Path) -> Path:
    results = {"best": {"monitor": "val/loss", "score": 1.5}, "test": {"loss": 1.0}}
    (folder / "metrics.json").write_text(json.dumps(results))
    (folder / "metrics.csv").write_text(LOG)
    return folder


@pytest.mark.parametrize("task", ["translation", "summarization"])
def test_what_writes_has_curves_and_maps_whose_words_are_those_of_its_texts(task: str, tmp_path: Path) -> None:
    run = finished_run(_finished(answered_run(tmp_path / "0123", task)))
    curves, *maps = pictures_of(run, num=1).pictures
    assert isinstance(curves, Curves)
    assert list(curves.scores) == ["loss"]
    [picture] = maps
    assert isinstance(picture, AttentionPicture)
    words = arranged(picture, Look(whole_words=True, hide_special=True))
    text = json.loads((run.folder / "predictions.jsonl").read_text().splitlines()[int(picture.name.split("_")[0])])
    assert words.key_labels == text["input"].split()
    assert (picture.query_name, picture.key_name, picture.ended) == ("output", "source", True)
    assert "additive" in caption_of(run) or "cross" in caption_of(run)
    assert caption_of(run).endswith("run 0123")


@pytest.mark.parametrize("task", ["translation", "summarization"])
def test_runs_on_one_test_set_show_the_same_examples_whatever_they_answer(task: str, tmp_path: Path) -> None:
    folder = _finished(answered_run(tmp_path / "run", task))
    given = json.loads((folder / "predictions.jsonl").read_text().splitlines()[0])
    targets = ["cat", "cat three two four"]  # of which the second is long enough
    others = [given | {"id": number, "target": targets[number % 2]} for number in range(9)]
    drawn = []
    for ids in ([5] * 5, [5], [5] * 30):
        one = [each | {"details": each["details"] | {"ids": ids if each["id"] < 5 else [5] * 5}} for each in others]
        write_answers(folder, one)
        drawn.append([each.name.split("_")[0] for each in pictures_of(finished_run(folder), num=2).pictures[-2:]])
    assert drawn[0] == drawn[1] == drawn[2]
    assert all(int(each) % 2 for each in drawn[0])


def test_examples_are_drawn_by_their_ids(tmp_path: Path) -> None:
    run = finished_run(_finished(answered_run(tmp_path / "run", "translation")))
    _, *maps = pictures_of(run, num=4, examples=[2, 0]).pictures
    assert [each.name.split("_")[0] for each in maps] == ["2", "0"]
    with pytest.raises(UserError, match=r"no example 7, its ids are 0 to 2 \(set --examples\)"):
        pictures_of(run, num=4, examples=[1, 7])


@pytest.mark.parametrize("task", ["translation", "summarization"])
def test_on_the_reference_runs_have_the_same_rows_whatever_they_answer(task: str, tmp_path: Path) -> None:
    folder = _finished(answered_run(tmp_path / "run", task))
    given = [json.loads(line) for line in (folder / "predictions.jsonl").read_text().splitlines()]
    rows = []
    for ids in ([5], [5] * 4):
        write_answers(folder, [each | {"details": each["details"] | {"ids": ids}} for each in given])
        _, *maps = pictures_of(finished_run(folder), num=1, of_references=True).pictures
        (picture,) = maps
        assert isinstance(picture, AttentionPicture)
        assert (picture.query_name, picture.name.endswith("_on_reference")) == ("reference", True)
        rows.append(picture)
        by_id = pictures_of(finished_run(folder), num=4, examples=[2], of_references=True).pictures[-1]
        assert by_id.name.startswith("2_")
    assert list(rows[0].query_labels) == list(rows[1].query_labels)
    assert rows[0].weights.equal(rows[1].weights)
    assert arranged(rows[0], Look(whole_words=True, hide_special=True)).query_labels == ["cat", "three"]


def test_references_of_what_writes_no_text_are_refused(tmp_path: Path) -> None:
    run = finished_run(_finished(answered_run(tmp_path / "run", "ner")))
    with pytest.raises(UserError, match=r"of runs that translate or summarize, got another task's \(drop --on\)"):
        pictures_of(run, num=1, of_references=True)


def test_what_tags_has_its_confusion_of_types(tmp_path: Path) -> None:
    folder = _finished(answered_run(tmp_path / "run", "ner"))
    lines = [json.loads(line) for line in (folder / "predictions.jsonl").read_text().splitlines()]
    for each in lines:
        each["details"]["target_labels"] = each["details"]["labels"]
        each["target"] = each["output"]
    write_answers(folder, lines)
    _, confusion, *maps = pictures_of(finished_run(folder), num=2).pictures
    assert isinstance(confusion, Confusion)
    assert sum(map(sum, confusion.counts)) >= len(lines)
    assert len(maps) == 2


def test_images_that_are_gone_leave_the_rest_and_are_told(tmp_path: Path) -> None:
    overrides = ["data=image_folder", f"data.root={tmp_path / 'gone'}"]
    folder = _finished(stored_run(tmp_path / "run", "image_classification", *overrides))
    answer = {"id": 0, "input": "x", "output": "b", "target": "a", "score": 0.5, "details": {"top": []}}
    write_answers(folder, [answer, answer | {"id": 1, "output": "a"}])
    found = pictures_of(finished_run(folder), num=2)
    assert [type(each).__name__ for each in found.pictures] == ["Curves", "Confusion"]
    [_, confusion] = found.pictures
    assert isinstance(confusion, Confusion)
    assert (confusion.counts[0][0], confusion.counts[0][1], sum(map(sum, confusion.counts))) == (1, 1, 2)
    assert "gone" in found.lacking


def test_a_run_that_isnt_finished_has_none(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"figures are of a finished run, got .* without metrics.json"):
        finished_run(tmp_path)
