"""Made-up sentences are translated as they are said to be."""

from pathlib import Path
from typing import Any

import pytest

from attnlab.data import ParallelTexts, SyntheticTranslation
from attnlab.data.planted import KnowsAlignment
from attnlab.errors import UserError

SMALL = {"num_things": 7, "num_attributes": 5, "num_train": 61, "num_val": 13, "num_test": 11}


def _read(**changed: Any) -> tuple[SyntheticTranslation, dict[str, ParallelTexts]]:
    corpus = SyntheticTranslation(**SMALL | changed)
    return corpus, corpus.read("made", "up", root=None, cache_dir=Path("nowhere"))


def test_one_lexicon_translates_every_sentence_along_its_alignment() -> None:
    corpus, splits = _read()
    assert isinstance(corpus, KnowsAlignment)
    lexicon: dict[str, str] = {}
    for split, texts in splits.items():
        for number, (source, target) in enumerate(zip(texts.source, texts.target, strict=True)):
            words, alignment = source.split(), corpus.alignment(split, number)
            assert sorted(alignment) == list(range(len(words)))
            for place, word in zip(alignment, target.split(), strict=True):
                assert lexicon.setdefault(words[place], word) == word
    assert len(set(lexicon.values())) == len(lexicon) == SMALL["num_things"] + SMALL["num_attributes"]
    assert not lexicon.keys() & set(lexicon.values())


def test_attributes_come_before_their_thing_and_then_after_it() -> None:
    corpus, splits = _read(max_phrases=1, num_train=41, num_val=5, num_test=3)
    alignments = {tuple(corpus.alignment("train", number)) for number in range(41)}
    assert alignments == {(0,), (1, 0), (2, 1, 0)}
    assert max(len(source.split()) for source in splits["train"].source) == 3


def test_no_source_stands_twice_and_the_seed_alone_decides() -> None:
    _, splits = _read()
    sources = [source for texts in splits.values() for source in texts.source]
    assert len(set(sources)) == len(sources) == 61 + 13 + 11
    assert _read()[1] == splits
    assert _read(text_seed=1)[1] != splits


def test_files_are_refused() -> None:
    with pytest.raises(UserError, match=r"read from no files, got here \(drop data.root\)"):
        SyntheticTranslation(**SMALL).read("made", "up", root=Path("here"), cache_dir=Path("nowhere"))


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"num_train": 0}, r"num_train must be 1 or more, got 0 \(set data.corpus.num_train\)"),
        ({"num_things": 900}, r"at most 900 words, got 905 \(set data.corpus.num_things"),
        ({"max_phrases": 1, "num_train": 100}, r"sentences enough to choose from, got 124 of 217 \(set data.corpus"),
    ],
)
def test_what_cannot_be_made_is_refused(changed: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SyntheticTranslation(**SMALL | changed)
