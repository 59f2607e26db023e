"""What is left out of a map is said, and what is merged keeps its weight."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from attnlab.reporting.look import Look, arranged, in_words, run_caption
from attnlab.reporting.pictures import AttentionPicture

WEIGHTS = torch.rand(2, 4, 6, generator=torch.Generator().manual_seed(3)).softmax(dim=-1)
PICTURE = AttentionPicture(
    name="n",
    title="t",
    weights=WEIGHTS,
    query_labels=["▁What", "▁bor", "der", "</s>"],
    key_labels=["▁¿", "Qué", "▁tra", "ba", "jo", "</s>"],
    copy_probabilities=[0.0, 0.2, 0.4, 1.0],
    query_words=[("What", 1), ("border", 2), ("</s>", 1)],
    key_words=[("¿", 1), ("Qué", 1), ("trabajo", 3), ("</s>", 1)],
    ended=True,
)


def test_a_word_is_given_what_its_pieces_are_and_gives_their_mean() -> None:
    words = in_words(PICTURE)
    assert words.query_labels == ["What", "border", "</s>"]
    assert words.key_labels == ["¿", "Qué", "trabajo", "</s>"]
    torch.testing.assert_close(words.weights[:, 1, 2], WEIGHTS[:, 1:3, 2:5].sum(-1).mean(-1))
    torch.testing.assert_close(words.weights.sum(-1), torch.ones(2, 3))
    assert words.copy_probabilities == pytest.approx([0.0, 0.3, 1.0])
    assert in_words(words).key_labels == words.key_labels, "words stay words"
    assert in_words(words).notes == words.notes, "and it is said once"


def test_even_weights_that_words_make_uneven_are_said_to_be_sums() -> None:
    even = in_words(replace(PICTURE, weights=torch.full((2, 4, 6), 1 / 6)))
    assert len(even.weights.unique()) > 1
    assert list(even.notes) == ["columns are sums over a word's pieces; rows are means over a word's pieces"]
    shown = in_words(replace(PICTURE, query_words=(), key_words=[(label, 1) for label in PICTURE.key_labels]))
    assert list(shown.notes) == [], "nothing is summed"


@pytest.mark.parametrize("whole_words", [False, True])
def test_a_hidden_end_is_said_with_the_weight_that_it_has(whole_words: bool) -> None:
    shown = arranged(PICTURE, Look(hide_special=True, whole_words=whole_words))
    assert "</s>" not in [*shown.query_labels, *shown.key_labels]
    assert shown.weights.shape[1:] == (len(shown.query_labels), len(shown.key_labels))
    share = WEIGHTS[:, :3, 5].sum() / WEIGHTS[:, :3].sum()
    assert shown.notes[0] == f"not shown: the mark of the end, </s>, with {share:.1%} of the weight"
    assert len(shown.copy_probabilities or []) == len(shown.query_labels)


def test_the_strongest_columns_keep_their_order() -> None:
    shown = arranged(PICTURE, Look(strongest=3, mean=True))
    given = WEIGHTS.mean(0).sum(0)
    assert shown.key_labels == [PICTURE.key_labels[n] for n in sorted(given.topk(3).indices.tolist())]
    assert shown.weights.shape == (4, 3)
    assert shown.notes[0].startswith("shown: the 3 of 6 columns with the most weight, ")
    assert arranged(PICTURE, Look(strongest=6)) is PICTURE, "all there are"


def test_a_map_without_words_or_end_is_shown_as_it_is() -> None:
    plain = AttentionPicture("n", "t", torch.rand(2, 3), ["a", "b"], ["c", "d", "e"])
    shown = arranged(plain, Look(whole_words=True, hide_special=True, mean=True))
    assert torch.equal(shown.weights, plain.weights)
    assert (shown.query_labels, shown.key_labels, shown.notes) == (["a", "b"], ["c", "d", "e"], ())


@pytest.mark.parametrize(
    "wanted, message",
    [
        ({"strongest": 0}, r"strongest must be 1 or more, got 0 \(set --strongest\)"),
        ({"scale": (0.5, 0.5)}, r"from a smaller to a larger weight, got 0.5:0.5 \(set --scale\)"),
        ({"scale": (float("nan"), 1.0)}, r"got nan:1 \(set --scale\)"),
        ({"scale": (0.0, float("inf"))}, r"got 0:inf \(set --scale\)"),
        ({"width": 2.0}, r"width must be from 3 to 40 inches, got 2 \(set --width\)"),
    ],
)
def test_what_cannot_be_is_refused(wanted: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Look(**wanted)  # type: ignore[arg-type]  # nonsense on purpose


def test_a_caption_has_run_and_mechanisms() -> None:
    caption = run_caption("ner-additive", Path("outputs/ner/x/0123456789"), {"sentence": "additive"})
    assert caption == "ner-additive · sentence: additive · run 0123456789"
    assert run_caption("", Path("a/b"), {}) == "run b"
