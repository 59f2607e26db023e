"""What runs were warned of that bears on a verdict: how they were trained and tested, and what their data hold."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from attnlab.study.still_improving import Trained

# Kinds of a run's `warnings` in `metrics.json`: of training and its test, the gravest first.
OF_RUNS = (
    "future_leaks",
    "padding_leaks",
    "untrained_attention",
    "rate_of_zero",
    "warm_up_too_long",
    "no_best",
    "partial_test",
    "code_changed",
    "loss_not_fallen",
    "nothing_right",
    "answers_alike",
    "no_better_than_one_class",
    "no_better_than_counting",
    "discriminator_saturation",
    "mode_collapse",
)
# Of the data, which arms share: test is no test, it isn't what is meant, then what part of a score says nothing.
OF_DATA = (
    "test_in_training",
    "test_in_val",
    "shared_images",
    "sides_swapped",
    "same_on_both_sides",
    "few_texts",
    "one_text",
    "one_sentence",
    "misread_letters",
    "html_in_texts",
    "misread_boxes",
    "tiny_boxes",
    "turned_images",
    "dark_images",
    "unit_of_offsets",
    "same_folders",
    "alike_classes",
    "alike_types",
    "cut_sources",
    "cut_targets",
    "cut_documents",
    "empty_sources",
    "empty_targets",
    "empty_documents",
    "empty_summaries",
    "empty_classes",
    "images_in_two_classes",
    "images_twice",
    "images_without_labels",
    "boxes_twice",
    "classes_without_boxes",
    "more_objects_than_found",
    "no_objects",
    "no_entity_to_find",
    "untrained_types",
    "unscored_types",
    "unknown_letters",
    "longer_contexts_left_out",
    "few_samples",
    "short_references",
    "unspaced_references",
    "unreadable_references",
)
KINDS = OF_RUNS + OF_DATA
PASSED_OVER = {
    "val_in_training": "no score of test is of them",
    "data_changed": "evaluate says so of its own test, which no run has on record",
    "raw_text_split_otherwise": "predict alone reads raw text",
    "zip_encoding": "names of files are no part of a score",
    "unread_images": "what isn't read is in no score, of any arm",
    "unlabelled": "what has no label is in no score, of any arm",
    "shapes_left_out": "what has no area is no object, for any arm",
    "category_left_out": "what has no boxes is no class, for any arm",
}
"""Kinds that bear on no verdict, with the reason."""
MOST_MESSAGES = 3  # of a kind, that are said


class Message(NamedTuple):
    """What runs were warned of in the same words, the arms that they are of, and how many they are."""

    said: str
    arms: tuple[str, ...]
    runs: int


class Warned(NamedTuple):
    """Warnings of a kind, by their words, which may hold other numbers in each run; the arms of which some run has one,
    and how many runs do."""

    kind: str
    messages: tuple[Message, ...]
    arms: tuple[str, ...]
    runs: int
    of: int


def run_warnings(arms: Mapping[str, Sequence[Trained]]) -> Iterator[Warned]:
    """Those of a comparison's runs, by kind."""
    total = sum(map(len, arms.values()))
    for kind in KINDS:
        found = [(arm, said) for arm, runs in arms.items() for _, record in runs for said in _said(record, kind)[:1]]
        if found:
            messages = tuple(
                Message(said, _named([arm for arm, its in found if its == said]), sum(its == said for _, its in found))
                for said in dict.fromkeys(said for _, said in found)
            )
            yield Warned(kind, messages, _named([arm for arm, _ in found]), len(found), total)


def _named(arms: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(arms))


def _said(record: Mapping[str, Any], kind: str) -> list[str]:
    """In a record that anyone may have written; what is of test before what is of another split."""
    found = record.get("warnings")
    said = [
        str(each["message"])
        for each in (found if isinstance(found, list) else [])
        if isinstance(each, dict) and each.get("kind") == kind and "message" in each
    ]
    return sorted(said, key=lambda message: " of test " not in message)
