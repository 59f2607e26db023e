"""Maps of examples of each task, by a model that was never trained: what is shown belongs together."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from PIL import Image
from tiny_maps import answered_run, stored_run, write_answers

from attnlab.models.detectors.predictor import MOST_OBJECT_MAPS
from attnlab.reporting.pages.linked_maps.contents import RunMaps
from attnlab.reporting.reasons import in_chinese
from attnlab.runs import kept_maps
from attnlab.runs.kept_maps import maps_of


def _check_shapes(found: RunMaps) -> None:
    for example in found["examples"]:
        for view in example["views"]:
            for layer in view["layers"]:
                for head in layer["heads"]:
                    if view["kind"] == "words":
                        assert len(head) == len(view["rows"]["units"])
                        assert {len(row) for row in head} == {len(view["columns"]["units"])}


@pytest.mark.parametrize("task", ["translation", "summarization"])
def test_what_writes_shows_where_the_words_of_the_reference_and_its_own_look(task: str, tmp_path: Path) -> None:
    found = maps_of(answered_run(tmp_path / "run", task), num=2)
    _check_shapes(found)
    assert found["why"] is None
    for example in found["examples"]:
        reference, output = example["views"]
        assert [reference["name"], output["name"]] == ["reference", "output"]
        assert example["texts"]["reference"] == "cat three"
        assert reference["rows"]["units"][-1][0] == "</s>"
        text = example["texts"]["source"]
        assert "".join(text[start:end] for _, start, end in reference["columns"]["units"]) == text.replace(" ", "")
        [layer] = reference["layers"]
        assert sum(layer["heads"][0][0]) * layer["unit"] == pytest.approx(1.0, abs=0.01)


def test_what_tags_shows_where_each_word_looks_in_its_sentence(tmp_path: Path) -> None:
    found = maps_of(answered_run(tmp_path / "run", "ner"), num=3)
    _check_shapes(found)
    example = found["examples"][0]
    [view] = example["views"]
    assert [label for label, _, _ in view["rows"]["units"]] == example["texts"]["source"].split()
    assert view["rows"] == view["columns"]
    assert example["truth"] == "Ada PER"


def _classifier(folder: Path, *overrides: str) -> kept_maps.TestedRun:
    run = kept_maps.TestedRun(stored_run(folder, "image_classification", *overrides))
    images = torch.randint(256, (9, 1, 28, 28), dtype=torch.uint8)
    run.__dict__["images"] = SimpleNamespace(image=lambda split, number: images[number])
    details: dict[str, Any] = {"top": []}
    write_answers(
        run.folder,
        [{"id": n, "input": "x", "output": "b", "target": "a", "score": 0.5, "details": details} for n in range(9)],
    )
    return run


def test_what_classifies_by_patches_shows_what_each_of_them_looks_at(tmp_path: Path) -> None:
    run = _classifier(tmp_path / "run", "model=vit", "model.dim=8", "model.num_heads=2", "model.num_layers=2")
    places, queries = run.maps(num=1)["examples"][0]["views"]
    assert (places["kind"], queries["kind"]) == ("places", "queries")
    for layer in queries["layers"]:
        assert [len(each) for each in layer["edges"]] == [8, 8]
        assert {len(head) for head in layer["heads"]} == {7 * 7}
    last = queries["layers"][-1]["unit"] * torch.tensor(queries["layers"][-1]["heads"])
    assert (last.sum((2, 3)) < 1.01).all()


def test_what_classifies_shows_maps_over_the_image_and_of_channels(tmp_path: Path) -> None:
    run = _classifier(
        tmp_path / "run",
        "model=resnet",
        "feature_attention=se",
        "feature_attention.reduction=4",
        "model.dim=8",
        "model.num_blocks=1",
    )
    found = run.maps(num=3)
    assert [each["id"] for each in found["examples"]] == [0, 3, 6]
    first = found["examples"][0]
    [view] = first["views"]
    assert (view["kind"], first["title"], first["truth"]) == ("channels", "b 50%", "a")
    assert [len(layer["heads"][0]) for layer in view["layers"]] == [8, 16, 32]
    assert run.image(1) == run.image(1) != run.image(2)


def test_what_detects_shows_objects_with_what_was_looked_at_in_shares_of_the_image(tmp_path: Path) -> None:
    run = kept_maps.TestedRun(stored_run(tmp_path / "run", "object_detection"))
    pixels = torch.randint(256, (1, 32, 40), dtype=torch.uint8).permute(1, 2, 0).numpy()
    fitted = run.predictor.codec.prepare(Image.fromarray(pixels.squeeze(2)).resize((80, 64)))
    run.__dict__["images"] = SimpleNamespace(picture=lambda split, number: fitted)
    there = [{"label": "a", "box": [8.0, 16.0, 40.0, 32.0]}]
    write_answers(run.folder, [{"id": 4, "input": "x", "output": [], "target": there, "score": 0.5, "details": {}}])
    [example] = run.maps()["examples"]
    boxes = example["views"][0]
    assert boxes["kind"] == "boxes"
    assert boxes["there"] == [{"label": "a", "score": None, "box": (0.1, 0.25, 0.5, 0.5)}]
    assert boxes["found"]
    for each in boxes["found"]:
        assert all(-0.01 <= share <= 1.01 for share in each["box"])
    best = boxes["found"][:MOST_OBJECT_MAPS]
    assert [each for each in boxes["found"] if "looked" in each] == best
    for each in best:
        assert sum(map(sum, each["looked"]["heads"][0])) * each["looked"]["unit"] == pytest.approx(1.0, abs=0.05)


def test_where_nothing_is_found_that_is_why_there_is_no_map(tmp_path: Path) -> None:
    run = kept_maps.TestedRun(stored_run(tmp_path / "run", "object_detection", "task.score_threshold=1.0"))
    fitted = run.predictor.codec.prepare(Image.new("L", (40, 32)))
    run.__dict__["images"] = SimpleNamespace(picture=lambda split, number: fitted)
    write_answers(run.folder, [{"id": 4, "input": "x", "output": [], "target": [], "score": 0.0, "details": {}}])
    why = run.maps()["why"]
    assert why is not None
    assert "nothing was found with a score of 1 or more (task.score_threshold)" in why
    assert in_chinese(why).startswith("没有检出分数不低于 1（task.score_threshold）的目标")
    [found] = run.predictor.predict_images([("scene", fitted)])
    assert run.predictor.line(found) == "scene: nothing with a score of 1 or more (--score-threshold)"


def test_an_only_query_has_a_map_though_nothing_is_found(tmp_path: Path) -> None:
    predictor = kept_maps.TestedRun(
        stored_run(tmp_path / "run", "object_detection", "task.score_threshold=1.0")
    ).predictor
    every = predictor.model.query_maps
    predictor.model.query_maps = lambda *canvas: every(*canvas)[:, :1]
    fitted = predictor.codec.prepare(Image.new("L", (40, 32)))
    [picture] = predictor.image_pictures(fitted, name="", title="scene")
    [looked] = picture.maps.values()
    assert looked.sum() == pytest.approx(1.0)


def test_what_generates_shows_where_its_own_images_places_look(tmp_path: Path) -> None:
    found = maps_of(stored_run(tmp_path / "run", "image_generation"), num=2)
    assert [each["id"] for each in found["examples"]] == [0, 1]
    views = [view for each in found["examples"] for view in each["views"]]
    assert views
    assert all("image" in view for view in views if view["kind"] == "places")
    names = [layer["name"] for view in views for layer in view["layers"]]
    assert all(re.fullmatch(r"(generator|discriminator), [a-z ,\d]+(, from \(\d+, \d+\))?", each) for each in names)
