"""What is said of a data set is what its files hold, and what is shown is what the batches hold."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boxed_files
import numpy as np
import pytest
import tiny
import tiny_images
import tiny_summaries
import tiny_tagging

from attnlab.config.compose import compose_run
from attnlab.data import AssociativeRecall, RecallDataModule
from attnlab.data.description.describe import described, first_batches
from attnlab.data.description.description import Description, Doubles, Lengths, doubles_of, lengths
from attnlab.data.module import DataModule
from attnlab.runs import build


def _of_data(command: list[str]) -> list[str]:
    """The overrides of a tiny run that are of its task, data and vocabulary."""
    kept = ("task=", "data=", "data.", "tokenizer.")
    return [each for each in command if each.startswith(kept)]


def _translation(root: Path) -> list[str]:
    tiny.write_corpus(root)
    for code, text in (("en", "猫 one\ncat\ncat\n"), ("es", "gato uno\ngato\ngato\n")):
        with (root / f"test.{code}").open("a", encoding="utf-8") as file:
            file.write(text)
    return [*_of_data(tiny.tiny(root)), "data.max_source_length=6", "data.batch_tokens=999"]


def _images(root: Path) -> list[str]:
    tiny_images.write_folder(root, 7, ("train", "val", "test"))
    (root / "val/cross/copy.png").write_bytes((root / "train/cross/00.png").read_bytes())
    return ["task=image_classification", "data=image_folder", f"data.root={root}", "data.image_size=11"]


def _boxes(root: Path) -> list[str]:
    boxed_files.write_voc(root)
    return ["task=object_detection", "data=voc", f"data.root={root}", "data.height=32", "data.width=40"]


MADE: dict[str, Callable[[Path], list[str]]] = {
    "translation": _translation,
    "summarization": lambda root: _of_data(tiny_summaries.tiny(tiny_summaries.write_corpus(root))),
    "tagging": lambda root: [*_of_data(tiny_tagging.tiny(tiny_tagging.write_corpus(root))), "data.max_length=4"],
    "images": _images,
    "boxes": _boxes,
    "stored": lambda _: ["task=image_generation", "data=synthetic_classification", "data.num_train=60"],
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], DataModule]:
    """Each set, made once."""
    made: dict[str, DataModule] = {}

    def of(kind: str) -> DataModule:
        if kind not in made:
            root = tmp_path_factory.mktemp(kind)
            overrides = [each for each in MADE[kind](root / "set") if not each.startswith("data.cache_dir")]
            config = build.plain(compose_run([*overrides, f"data.cache_dir={root / 'cache'}"]))
            made[kind] = build.build_data(config)
            made[kind].prepare_data()
        return made[kind]

    return of


def _lengths(found: Description, split: str, of: str) -> Lengths:
    [each] = [each for each in found.splits[split].lengths if each.of == of]
    return each


@pytest.mark.parametrize("kind", MADE)
def test_every_split_is_counted_as_training_counts_it(kind: str, prepared: Callable[[str], DataModule]) -> None:
    data, found = prepared(kind), described(prepared(kind))
    examples = {"translation": "pairs", "summarization": "examples", "tagging": "sentences"}.get(kind, "images")
    for split in ("train", "val", "test"):
        assert found.splits[split].counts[examples] == data.num_examples(split)


@pytest.mark.parametrize("kind", MADE)
def test_the_first_batch_of_training_is_the_one_that_training_begins_with(
    kind: str, prepared: Callable[[str], DataModule]
) -> None:
    data = prepared(kind)
    shown = {each.split: each for each in first_batches(data, num=3)}
    data.trainer = None
    rows = data.plans.train_plan(0, 1)[0]
    batch = data.batch_of("train", rows)
    assert shown["train"].rows == len(rows)
    assert {each.number for each in shown["train"].examples} <= {*batch.ids.tolist()}
    assert 0 < len(shown["train"].examples) <= 3
    assert dict(shown["train"].shapes) == {
        name: tuple(each.shape) for name, each in batch._asdict().items() if hasattr(each, "shape") and name != "ids"
    }


def test_limits_say_what_training_says(prepared: Callable[[str], DataModule]) -> None:
    data, found = prepared("translation"), described(prepared("translation"))
    train, test = _lengths(found, "train", "source"), _lengths(found, "test", "source")
    assert train.limit is not None
    assert test.limit is not None
    assert (train.limit.fate, test.limit.fate) == ("left out", "cut")
    assert train.limit.over == data.summary["dropped"]["train"] == found.splits["train"].counts["left out"] > 0
    assert test.limit.over == data.summary["truncated"]["test"] > 0
    assert train.largest > 6 >= max(len(data.batch_of("train", np.asarray([row])).source[0]) for row in range(9))
    in_parts = _lengths(described(prepared("tagging")), "train", "sentence").limit
    assert in_parts is not None
    assert in_parts.over == prepared("tagging").summary["cut_into_pieces"]["train"] > 0


def test_what_the_vocabulary_does_not_know_is_counted(prepared: Callable[[str], DataModule]) -> None:
    found = described(prepared("translation"))
    assert found.splits["test"].pieces["source"].bytes == 3  # of 猫, which training hasn't
    assert {found.splits[split].pieces["source"].bytes for split in ("train", "val")} == {0}
    words = described(prepared("tagging")).splits["test"].pieces["words"]
    assert words.unknown == prepared("tagging").summary["unknown_words"]["test"] > 0


def test_pieces_of_a_batch_are_the_texts_and_what_is_cut_off_is_said(prepared: Callable[[str], DataModule]) -> None:
    data: Any = prepared("translation")
    test = next(each for each in first_batches(data, num=99) if each.split == "test")
    assert len(test.examples) == test.rows == data.num_examples("test")
    for example in test.examples:
        source, target = example.lines
        text = data.maker.truth("test", example.number).text
        given = [each for each in source.pieces if each.kind != "padding"]
        assert len(given) + source.cut == len(data.codec.encode_source(text))
        assert (given[-1].text, target.pieces[0].text) == ("</s>", "<s>")
        read = "".join(each.text for each in given[:-1]).replace("▁", " ").strip()
        assert text.replace("猫", r"\xe7\x8c\xab").startswith(read)
        assert ("猫" in text) == any(each.kind == "byte" for each in given)
    assert sum(each.lines[0].cut > 0 for each in test.examples) == data.summary["truncated"]["test"] > 0


def test_sentences_in_parts_are_shown_with_all_their_words_and_labels(prepared: Callable[[str], DataModule]) -> None:
    data: Any = prepared("tagging")
    for example in first_batches(data, num=99)[0].examples:
        text = data.maker.texts["train"][example.number]
        pieces = [piece for line in example.lines for piece in line.pieces if piece.kind != "padding"]
        assert [piece.text for piece in pieces] == text.words
        assert [(piece.label or "O")[2:] for piece in pieces] == [label[2:] for label in text.labels]
        assert len(example.lines) == -(-len(text.words) // 4)


def test_classes_labels_entities_and_boxes_are_counted(prepared: Callable[[str], DataModule]) -> None:
    assert described(prepared("images")).splits["val"].shares["classes"] == {"circle": 7, "cross": 8, "stripe": 7}
    assert sum(described(prepared("stored")).splits["train"].shares["classes"].values()) == 60
    tagging: Any = prepared("tagging")
    shares = described(tagging).splits["train"].shares
    assert shares["entities"] == tagging.summary["entities"]["train"]
    assert shares["labels"] == {
        label: Counter(each for text in tagging.maker.texts["train"] for each in text.labels)[label]
        for label in tagging.codec.labels
    }
    boxes = described(prepared("boxes")).splits["train"]
    assert (boxes.counts["boxes"], boxes.counts["without boxes"]) == (3, 1)
    assert boxes.shares["boxes"] == {"cat": 1, "dog": 2}
    assert boxes.sizes["dog"] == {"small": 2, "medium": 0, "large": 0}


def test_examples_that_are_there_twice_are_found(prepared: Callable[[str], DataModule]) -> None:
    found = described(prepared("translation")).doubles or ()
    in_training = {each.split: each.examples for each in found if each.also_in == "train" != each.split}
    assert in_training == prepared("translation").summary["in_training"]
    assert next(each.examples for each in found if each.split == each.also_in == "test") >= 1
    assert Doubles("val", "train", 1) in (described(prepared("images")).doubles or ())
    assert doubles_of({"train": "aab", "val": "bbc"}) == [
        Doubles("train", "train", 1), Doubles("val", "val", 1), Doubles("val", "train", 2),
    ]  # fmt: skip


def test_pictures_are_those_of_the_batch_and_boxes_lie_on_what_they_hold(
    prepared: Callable[[str], DataModule],
) -> None:
    data: Any = prepared("boxes")
    test = next(each for each in first_batches(data, num=2) if each.split == "test")
    [example] = test.examples
    assert example.picture is not None
    assert example.boxes is not None
    fitted = data.picture("test", 0)
    assert abs(example.picture[:, : fitted.extent[0], : fitted.extent[1]].int() - fitted.pixels.int()).max() <= 1
    [box] = example.boxes
    expected = np.asarray([10, 3, 41, 18]) * np.tile([40 / 53, fitted.extent[0] / 19], 2)
    # VOC's first pixel is 1.
    assert np.allclose(box[:4], expected, atol=1.0)
    assert box.label == "dog"


def test_lengths_are_those_of_the_numbers() -> None:
    [each] = lengths("word", "characters", [1, 2, 3, 10])
    assert (each.smallest, each.median, each.largest) == (1, 2.5, 10)
    assert lengths("word", "characters", []) == []


def test_made_up_sequences_are_counted_with_their_answers_and_shown():
    sequences = AssociativeRecall(length=8, num_train=7, num_val=2, num_test=3)
    data = RecallDataModule(sequences, context_length=8, max_length=8)
    data.prepare_data()
    found = described(data)
    counts = {split: numbers.counts for split, numbers in found.splits.items()}
    assert counts == {
        split: {"examples": number, "text pieces": 9 * number}
        for split, number in {"train": 7, "val": 2, "test": 3}.items()
    }
    assert found.vocabularies == {"text": 4 + 9}
    assert all(each.examples == 0 for each in found.doubles)
    [example] = first_batches(data, num=1)[0].examples
    assert [piece.text for piece in example.lines[0].pieces][-2] == "?"
