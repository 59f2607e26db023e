"""A trained run from Python: the answers of the command, for every task and whatever an input comes in."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_tasks import TASKS, build_tiny, config_of, store

import attnlab
from attnlab.commands import cli
from attnlab.runs import own_code

TEXTS = ["one two three four", "cat"]
IMAGE_TASKS = ["image_classification", "object_detection"]
TEXT_TASKS = ["translation", "summarization", "ner"]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of each task, named after it."""
    folder = tmp_path_factory.mktemp("stored")
    for task in TASKS:
        config = config_of(task)
        store(folder / f"{task}.ckpt", build_tiny(task, config), config)
    return folder


def _load(stored: Path, task: str) -> attnlab.TrainedModel:
    return attnlab.load(stored / f"{task}.ckpt")


def _said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What `attnlab predict --json` says."""
    capsys.readouterr()
    assert cli.main(["predict", *arguments, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def _as_said(answers: list[Any]) -> list[dict[str, Any]]:
    return [json.loads(json.dumps({"id": number, **each._asdict()})) for number, each in enumerate(answers)]


def _picture(seed: int, size: tuple[int, int] = (31, 37)) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, size, dtype=np.uint8))


def test_importing_the_package_loads_nothing() -> None:
    code = (
        "import sys, attnlab; assert 'load' in dir(attnlab);"
        "heavy = [name for name in ('torch', 'hydra', 'lightning', 'attnlab.api') if name in sys.modules];"
        "assert not heavy, heavy; assert not hasattr(attnlab, 'nosuch');"
        "assert 'torch' not in sys.modules; assert attnlab.attention.MultiHeadAttention"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "name, said",
    [
        ("MultiHeadAttention", r"^attnlab has no 'MultiHeadAttention': write attnlab\.attention\.MultiHeadAttention$"),
        ("FeatureAttention", r": write attnlab\.feature_attention\.FeatureAttention$"),
        ("laod", r"^attnlab has no 'laod' \(did you mean load\?\)$"),
    ],
)
def test_a_name_that_is_elsewhere_is_told_where(name: str, said: str) -> None:
    with pytest.raises(AttributeError, match=said):
        getattr(attnlab, name)


def test_everything_that_is_offered_is_there() -> None:
    assert all(callable(getattr(attnlab, name)) for name in attnlab.__all__)


@pytest.mark.parametrize("task", TEXT_TASKS)
def test_texts_are_answered_as_the_command_answers_them(
    task: str, stored: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = _load(stored, task)
    said = _said([str(stored / f"{task}.ckpt"), *TEXTS, "--batch-size", "1"], capsys)
    assert _as_said(model.predict(TEXTS, batch_size=1)) == said
    assert model.predict(TEXTS[0])[0].input == TEXTS[0]
    assert model.predict([]) == []


def test_texts_are_continued_as_the_command_continues_them(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = _load(stored, "language_modelling")
    said = _said([str(stored / "language_modelling.ckpt"), "one two", "cat", "--num", "2", "--seed", "5"], capsys)
    assert _as_said(model.predict(["one two", "cat"], num=2, seed=5)) == said
    assert len({answer.output for answer in model.predict("one", num=3)}) == 3
    assert [each.weights.shape[0] for each in model.attention("one two")] == [2, 2]
    with pytest.raises(attnlab.UserError, match=r"num must be 1 or more, got 0 \(set num\)"):
        model.predict("one", num=0)


def test_words_are_taken_as_they_are(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = _load(stored, "ner")
    said = _said([str(stored / "ner.ckpt"), "--words", "Ada 's Ur"], capsys)
    assert _as_said(model.predict([["Ada", "'s", "Ur"]])) == said
    with pytest.raises(attnlab.UserError, match=r"a word must have a letter, got ' ' in \['Ada', ' '\]"):
        model.predict([["Ada", " "]])


@pytest.mark.parametrize("task", IMAGE_TASKS)
def test_an_image_is_the_same_in_whatever_it_comes(task: str, stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pictures = [_picture(seed) for seed in (1, 2)]
    files = [Path(f"{number}.png") for number in range(2)]
    for picture, file in zip(pictures, files, strict=True):
        picture.save(file)
    model = _load(stored, task)
    said = _said([str(stored / f"{task}.ckpt"), *map(str, files)], capsys)
    assert _as_said(model.predict(files)) == said
    arrays = [np.array(picture) for picture in pictures]
    bytes_of = torch.from_numpy(np.stack(arrays))
    forms: list[Any] = [
        pictures,
        arrays,
        [torch.stack([each] * 3) for each in bytes_of],
        bytes_of.unsqueeze(1),
        [np.stack([each] * 3, axis=2) for each in arrays],
    ]
    for form in forms:
        assert [answer.output for answer in model.predict(form)] == [each["output"] for each in said]


def test_generated_pictures_are_those_of_the_command(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = _load(stored, "image_generation")
    said = _said([str(stored / "image_generation.ckpt"), "--num", "3", "--seed", "5", "--out", "made"], capsys)
    answers = model.predict(num=3, seed=5)
    for answer, each in zip(answers, said, strict=True):
        np.testing.assert_array_equal(np.array(answer.output), np.array(Image.open(each["output"])))
        assert (answer.details, answer.score) == (each["details"], None)


@pytest.mark.parametrize("task", TASKS)
def test_what_was_attended_to_has_numbers_and_a_figure(task: str, stored: Path) -> None:
    model = _load(stored, task)
    given: Any = _picture(1) if task in IMAGE_TASKS else "one two"
    maps = model.attention(num=2) if task == "image_generation" else model.attention(given)
    assert len(maps) > 0 or task == "image_generation"  # a DCGAN without attention
    for each in maps:
        weights = each.weights if isinstance(each.weights, torch.Tensor) else next(iter(each.weights.values()))
        assert torch.isfinite(weights).all()
    assert all(each._repr_png_().startswith(b"\x89PNG") for each in maps[-1:])


def test_the_last_map_of_a_text_is_the_one_that_the_command_draws(stored: Path) -> None:
    model = _load(stored, "translation")
    [answer] = model.predict("one two three")
    last = model.attention("one two three")[-1]
    assert isinstance(last.weights, torch.Tensor)
    drawn = model.predictor.prediction_pictures({**answer._asdict(), "id": 0, "target": None})[-1]
    torch.testing.assert_close(last.weights.mean(dim=0), drawn.weights, atol=1e-3, rtol=0)
    assert last.save("map.png").is_file()
    with pytest.raises(attnlab.UserError, match=r"a figure's file must end in .png, .pdf or .svg, got map.jpg"):
        last.save("map.jpg")
    assert model.attention(" ") == []


@pytest.mark.parametrize(
    "task, arguments, said",
    [
        ("translation", {}, "takes texts, got none"),
        ("translation", {"inputs": 3}, "texts must be a text or a list of texts, got 3"),
        ("translation", {"inputs": [3]}, "a text must be a str, got 3"),
        (
            "translation",
            {"inputs": "a", "seed": 3},
            "generates no images, got seed=3, which is for runs that generate images or continue texts (drop seed)",
        ),
        ("translation", {"inputs": "a", "beam_size": 3}, "predict takes no 'beam_size' (did you mean batch_size?)"),
        ("translation", {"inputs": "a", "batch_size": 0}, "batch_size must be 1 or more, got 0"),
        ("translation", {"inputs": "a", "batch_size": "many"}, "batch_size must be a whole number, got 'many'"),
        ("image_generation", {"num": 2.5}, "num must be a whole number, got 2.5"),
        ("image_classification", {}, "takes images, got none"),
        ("image_classification", {"inputs": "nosuch.png"}, "there is no such image file, got nosuch.png"),
        ("image_classification", {"inputs": torch.zeros(1, 5, 5)}, "must be bytes from 0 to 255, got float32"),
        ("image_classification", {"inputs": np.zeros((2, 5, 5), np.uint8)}, "with 1 or 3 channels, got (2, 5, 5)"),
        ("image_classification", {"inputs": 3}, "an image must be a file, Pillow's picture"),
        ("image_generation", {"inputs": "a"}, "takes no input, got 'a' (set num, seed and label)"),
        ("image_generation", {"num": 0}, "num must be 1 or more, got 0"),
        ("image_generation", {"label": "nosuch"}, "there is no such class, got label=nosuch (choose from a, b, "),
    ],
)
def test_what_cannot_be_is_said(task: str, arguments: dict[str, Any], said: str, stored: Path) -> None:
    with pytest.raises(attnlab.UserError) as caught:
        _load(stored, task).predict(**arguments)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "task, given, said",
    [
        ("translation", ["a", "b"], "attention is that of one text, got a list of 2 (give one text at a time)"),
        ("translation", 3, "attention is that of one text, got 3 (give one text at a time)"),
        ("language_modelling", ["a"], "one text, got a list of 1 (give one text at a time)"),
        ("ner", ["Moses went up", "b"], "of the words of one, got 'Moses went up' among the words (give one text at a"),
        ("ner", [["a", "b"], ["c"]], "one text, got a list of 2 (give one text at a time)"),
        ("image_classification", [_picture(1), _picture(2)], "of one image, got 2 at once (give one image at a time)"),
        ("image_classification", torch.zeros(3, 1, 5, 5), "of one image, got 3 at once (give one image at a time)"),
    ],
)
def test_attention_is_that_of_one_input(task: str, given: Any, said: str, stored: Path) -> None:
    with pytest.raises(attnlab.UserError) as caught:
        _load(stored, task).attention(given)
    assert said in str(caught.value)


def test_what_is_no_module_of_torchs_is_told_where_one_is(stored: Path) -> None:
    model: Any = _load(stored, "translation")
    for name in ("eval", "forward", "parameters", "to"):
        with pytest.raises(AttributeError, match=rf"write model\.network\.{name}$"):
            getattr(model, name)
    with pytest.raises(AttributeError, match=r"has no 'predictt' \(did you mean predict\?\); it has attention, "):
        _ = model.predictt
    with pytest.raises(TypeError, match=r"write model\.predict\(\.\.\.\), or model\.network\("):
        model(torch.zeros(1, 3))
    assert not hasattr(model, "_repr_html_")


def test_a_run_that_is_not_there_or_a_device_is_said(stored: Path) -> None:
    with pytest.raises(attnlab.UserError, match="no such run folder or checkpoint, got nosuch"):
        attnlab.load("nosuch")
    with pytest.raises(attnlab.UserError, match="a device is cpu, cuda, cuda:1 or mps, got 'tpu' "):
        attnlab.load(stored / "ner.ckpt", device="tpu")
    with pytest.raises(attnlab.UserError, match=r"trust must be a list of packages, got 'mine'"):
        attnlab.load(stored / "ner.ckpt", trust="mine")


def test_other_code_of_ones_own_than_in_training_is_a_warning(stored: Path, tmp_path: Path) -> None:
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    shutil.copy(stored / "ner.ckpt", tmp_path / "run" / "checkpoints" / "best.ckpt")
    own_code.record(tmp_path / "run", {"nowhere_to_be_found.py": "0" * 64})
    with pytest.warns(
        UserWarning, match=r"may not be that of the run: nowhere_to_be_found\.py, code of your own .* isn't found"
    ):
        attnlab.load(tmp_path / "run")


@pytest.mark.parametrize(
    "task, shown",
    [
        (
            "translation",
            r"AttentionMap\('.*cross_attention', (heads \d+, )?output \d+, source 8: ▁ o n e ▁t w o </s>\)",
        ),
        ("ner", r"AttentionMap\('.*', (heads \d+, )?word 2, attends to 2: one two\)"),
        ("image_classification", r"AttentionMap\('.*', over an image of 28 x 28: .* \d+ x \d+\)"),
    ],
)
def test_a_map_says_of_what_and_of_how_many_it_is(task: str, shown: str, stored: Path) -> None:
    given: Any = _picture(1) if task in IMAGE_TASKS else "one two"
    said = repr(_load(stored, task).attention(given)[-1])
    assert re.fullmatch(shown, said), said
