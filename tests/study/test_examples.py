from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from tiny_tasks import TASKS, build_tiny

from attnlab.data.detection.batch import DetectionBatch
from attnlab.data.images.batch import ImageBatch
from attnlab.data.language.batch import LanguageBatch
from attnlab.data.loading.batching import PlansByLength
from attnlab.data.tagging.sentences import TaggingBatch
from attnlab.data.text.text_pairs import TextPairBatch
from attnlab.study.examples import Example, example_of

ONE = torch.zeros(1, dtype=torch.long)


def ids(*shape: int) -> torch.Tensor:
    return torch.ones(shape, dtype=torch.long)


def batch_for(task: str, sizes: dict[str, int]) -> Any:
    if task in ("translation", "summarization"):
        return TextPairBatch(ONE, ids(1, 5), ids(1, 4))
    if task == "language_modelling":
        return LanguageBatch(ONE, ids(1, 5), ids(1, 5))
    if task == "ner":
        return TaggingBatch(ONE, ids(1, 5), ids(1, 5, 3), ids(1, 5))
    if task == "object_detection":
        height, width = sizes["max_height"], sizes["max_width"]
        images = torch.zeros(1, sizes["in_channels"], height, width)
        return DetectionBatch(ONE, images, torch.tensor([[height, width]]), torch.zeros(1, 1, 4), ids(1, 1))
    return ImageBatch(ONE, torch.zeros(1, sizes["in_channels"], sizes["height"], sizes["width"]), ONE)


@pytest.mark.parametrize("task", TASKS)
def test_every_tasks_model_reads_an_example(task: str) -> None:
    built = build_tiny(task)
    passes = Example(batch_for(task, built.codec.sizes), "").passes(built.model.eval(), device="cpu")
    assert len(passes) == (2 if task == "image_generation" else 1)
    with torch.no_grad():
        for each in passes:
            each.network(*each.inputs)


def test_a_batch_of_the_users_own_has_no_passes() -> None:
    assert Example({"x": 1}, "").passes(None, device="meta") == []


def test_the_example_is_of_median_length() -> None:
    lengths = np.array([[9, 9], [1, 2], [4, 3], [30, 1], [2, 2]])
    plans = PlansByLength(lengths={"train": lengths}, budget=99, seed=0)
    asked = []

    def batch_of(split: str, rows: Any) -> TextPairBatch:
        asked.append((split, rows.tolist()))
        return TextPairBatch(ONE, ids(1, 4), ids(1, 4))

    data: Any = SimpleNamespace(plans=plans, batch_of=batch_of)
    example = example_of(data)
    assert asked == [("train", [2])]
    assert example.described == "a training example of median length, 4 + 3 tokens"
