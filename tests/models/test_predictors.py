"""What answers is restored alone, with the weights and settings of the task that was stored."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_tasks import TASKS, build_tiny, config_of, store

from attnlab.errors import UserError
from attnlab.models.classifiers.predictor import ClassifyingPredictor, top_classes
from attnlab.models.encoder_decoders.predictor import WritingPredictor
from attnlab.models.predictors import ImageGenerator, ImagePredictor, TextPredictor, chunks, whereabouts
from attnlab.models.taggers.predictor import TaggingPredictor
from attnlab.runs import build, checkpoint
from attnlab.tasks import NERTask

SETTINGS = {
    "translation": {"beam_size": 2, "length_penalty": 1.0, "min_length": 0, "no_repeat_ngram_size": 0},
    "summarization": {"beam_size": 3, "min_length": 2},
    "object_detection": {"score_threshold": 0.01},
}


def _stored(name: str) -> tuple[Path, Any]:
    config = config_of(name)
    task = build_tiny(name, config)
    if name == "image_generation":
        for parameter in task.averaged.parameters():  # so that it isn't the generator's
            parameter.data.mul_(0.9)
    return store(Path("a.ckpt"), task, config), task


def _answers(predictor: Any) -> Any:
    if isinstance(predictor, TextPredictor):
        return list(predictor.predict_texts(["one two cat", "", "Ada went to Ur"], batch_size=2))
    if isinstance(predictor, ImagePredictor):
        from PIL import Image

        images = [predictor.codec.prepare(Image.effect_mandelbrot((40, 30), (-3, -2, 2, 2), q)) for q in (50, 99)]
        return list(predictor.predict_images([(f"{number}.png", each) for number, each in enumerate(images)]))
    assert isinstance(predictor, ImageGenerator)
    return [pictures.tolist() for pictures, _ in predictor.generate(3, seed=5)]


@pytest.mark.parametrize("name", TASKS)
def test_a_predictor_restored_alone_answers_as_the_tasks_own(name: str) -> None:
    path, task = _stored(name)
    before = _answers(task.predictor)
    config, predictor = build.restore_predictor(path)
    assert config == build.without_learning(checkpoint.config_of(checkpoint.load(path), path))
    assert type(predictor) is type(task.predictor)
    assert _answers(predictor) == before == _answers(build.restore(path)[1].predictor)
    assert {key: vars(predictor)[key] for key in SETTINGS.get(name, {})} == SETTINGS.get(name, {})
    assert not any(network.training for network in predictor.modules.values())


@pytest.mark.parametrize("name", TASKS)
def test_weights_that_do_not_fit_are_one_line(name: str) -> None:
    path, _ = _stored(name)
    stored = torch.load(path, weights_only=True)
    removed = next(iter(stored["state_dict"]))
    del stored["state_dict"][removed]
    torch.save(stored, path)
    with pytest.raises(UserError, match=r"the weights in this checkpoint don't fit its own config, got a\.ckpt"):
        build.restore_predictor(path)
    stored["state_dict"] |= {removed: torch.zeros(1), "model.nosuch": torch.zeros(1)}
    torch.save(stored, path)
    with pytest.raises(UserError, match="don't fit its own config"):
        build.restore_predictor(path)


@pytest.mark.parametrize("key", ["model", "task"])
def test_a_strangers_classes_are_refused_before_anything_is_built(key: str) -> None:
    path, task = _stored("ner")
    config = config_of("ner")
    config[key]["_target_"] = "os.system"
    store(path, task, config)
    with pytest.raises(UserError, match=r"the checkpoint would run 'os\.system'"):
        build.restore_predictor(path)


@pytest.mark.parametrize("target", ["torch.optim.RMSprop", "own.Optimizer", "os.system"])
def test_what_trained_a_model_is_neither_made_nor_asked_for(target: str) -> None:
    path, task = _stored("ner")
    config = config_of("ner")
    for key in ("optimizer", "scheduler"):
        config["task"][key]["_target_"] = target
    store(path, task, config)
    read, _ = build.restore_predictor(path)
    assert read["task"]["optimizer"] is read["task"]["scheduler"] is None
    assert build.restore(path)[1].optimizer is None


class ShoutingPredictor(TaggingPredictor):
    """Of a user's own."""

    @staticmethod
    def readable(given: str, output: Any) -> str:
        return given.upper()


class OwnTask(NERTask):
    """A user's own task, which says itself what answers for it, and stores more than the model."""

    predictor_type = ShoutingPredictor

    def __init__(self, model: Any, codec: Any, **settings: Any) -> None:
        super().__init__(model, codec, **settings)
        self.register_buffer("seen", torch.zeros(3))


def test_a_task_of_the_users_own_is_asked_what_answers_for_it() -> None:
    config = config_of("ner")
    path = store(Path("a.ckpt"), _own(config), config | {"task": config["task"] | {"_target_": f"{__name__}.OwnTask"}})
    with pytest.raises(UserError, match=f"--trust {__name__.split('.')[0]}"):
        build.restore_predictor(path)
    _, predictor = build.restore_predictor(path, trust=(__name__.split(".")[0],))
    assert isinstance(predictor, ShoutingPredictor)
    assert sys.modules[__name__].__dict__["ShoutingPredictor"] is type(predictor)


def _own(config: build.Config) -> Any:
    plain = build_tiny("ner", config)
    settings = {key: value for key, value in config["task"].items() if not key.startswith("_")}
    return OwnTask(plain.model, plain.codec, **settings | {"optimizer": None, "scheduler": None})


def test_answers_are_read_as_their_kind_is() -> None:
    assert WritingPredictor.readable("one", "uno") == "uno"
    assert ClassifyingPredictor.readable("a.png", None) == "None"
    assert TaggingPredictor.readable("Ur", [{"start": 0, "end": 2, "label": "LOC"}]) == "[Ur LOC]"


def test_chunks_hold_everything_once_in_order() -> None:
    assert list(chunks(iter(range(7)), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(chunks([], 3)) == []


def test_a_network_is_where_its_weights_are() -> None:
    assert whereabouts(torch.nn.Linear(2, 3, dtype=torch.float64)) == (torch.device("cpu"), torch.float64)


def test_the_best_classes_come_first_with_their_probabilities() -> None:
    probabilities = torch.tensor([[0.1, 0.0, 0.2, 0.05, 0.3, 0.35], [0.9, 0.02, 0.02, 0.03, 0.02, 0.01]])
    first, second = top_classes(probabilities, list("abcdef"))
    assert first == [("f", 0.35), ("e", 0.3), ("c", 0.2), ("a", 0.1), ("d", 0.05)]
    assert second[0] == ("a", 0.9)
    assert len(top_classes(probabilities[:, :3], list("abc"))[0]) == 3
