"""Which texts are written in validation and how, and what is recorded of them."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

from attnlab.data import TextPairBatch
from attnlab.data.text.text_pairs import TextTruth
from attnlab.models.encoder_decoders.decoding import Hypothesis
from attnlab.models.special_tokens import BOS, EOS, PAD
from attnlab.tasks.writing.texts import Writer, count_tokens, measured

pytestmark = pytest.mark.text

SOURCE = torch.tensor([[7, 8, EOS], [9, EOS, PAD], [5, 6, EOS], [4, EOS, PAD], [8, 8, EOS]])
TARGET = torch.tensor([[BOS, 5, EOS, PAD]] * 5)


def _batch(ids: Sequence[int]) -> TextPairBatch:
    truth = [TextTruth(f"text {number}", [f"r{number}"]) for number in ids]
    return TextPairBatch(torch.tensor(ids), SOURCE[: len(ids)], TARGET[: len(ids)], truth)


class Predictor:
    """Finds of each source its first token; notes by how many beams."""

    beam_size = 4

    def __init__(self) -> None:
        self.beams: list[int] = []

    def search(self, source: Tensor, *, beam_size: int) -> list[int]:
        self.beams.append(beam_size)
        return source[:, 0].tolist()

    def prediction(self, number: int, text: str, best: int) -> dict[str, Any]:
        return {"id": number, "input": text, "output": best, "target": None, "details": {}}


def _writer(num_in_validation: int) -> tuple[Writer, Predictor]:
    predictor = Predictor()
    return Writer(predictor, num_in_validation=num_in_validation), predictor  # type: ignore[arg-type]


def test_a_test_writes_every_text_by_the_tasks_own_beams() -> None:
    writer, predictor = _writer(2)
    found = writer.all(_batch([3, 0, 11]))
    assert [(each["id"], each["input"], each["output"], each["target"]) for each in found] == [
        (3, "text 3", 7, "r3"),
        (0, "text 0", 9, "r0"),
        (11, "text 11", 5, "r11"),
    ]
    assert predictor.beams == [4]


@pytest.mark.parametrize("num, written", [(0, 0), (1, 1), (5, 6), (7, 8), (23, 23), (100, 23)])
def test_a_validation_writes_about_as_many_as_wanted_greedily_whatever_the_batches(num: int, written: int) -> None:
    writer, predictor = _writer(num)
    writer.begin_validation(num_examples=23)
    order = torch.randperm(23, generator=torch.Generator().manual_seed(3)).tolist()
    found = [each["id"] for start in range(0, 23, 5) for each in writer.some(_batch(order[start : start + 5]))]
    step = max(1, 23 // max(1, num))
    assert sorted(found) == ([] if not num else list(range(0, 23, step)))
    assert len(found) == written
    assert set(predictor.beams) <= {1}


def test_further_references_and_a_documents_name_are_recorded() -> None:
    writer, _ = _writer(1)
    truth = [TextTruth("a", ["r", "s"], name="doc"), TextTruth("b", ["t"])]
    batch = TextPairBatch(torch.tensor([0, 1]), SOURCE[:2], TARGET[:2], truth)
    first, second = writer.all(batch)
    assert first["target"] == "r"
    assert first["details"] == {"references": ["r", "s"], "document": "doc"}
    assert second["details"] == {}


def test_tokens_are_those_of_both_sides_and_cells_all() -> None:
    tokens, cells = count_tokens(_batch([0, 1]))
    assert (int(tokens), cells) == (3 + 2 + 3 + 3, 6 + 8)


def test_quality_is_measured_only_where_texts_are_written() -> None:
    always = {"val/loss": "min", "val/perplexity": "min"}
    assert measured({"val/bleu": "max"}, written=0) == always
    assert measured({"val/bleu": "max"}, written=3) == always | {"val/bleu": "max"}


def test_a_blank_source_is_written_nothing_for_and_the_others_as_without_it() -> None:
    writer, predictor = _writer(2)
    truth = [TextTruth(text, ["r"]) for text in ("one", " \t", "two")]
    found = writer.all(TextPairBatch(torch.tensor([3, 0, 11]), SOURCE[:3], TARGET[:3], truth))
    assert [(each["id"], each["output"]) for each in found] == [(3, 7), (0, Hypothesis([], 0.0, 0.0)), (11, 5)]
    blank = TextPairBatch(torch.tensor([4]), SOURCE[:1], TARGET[:1], [TextTruth("", ["r"])])
    assert [each["id"] for each in writer.all(blank)] == [4]
    assert predictor.beams == [4]  # nothing was searched for the blank alone
