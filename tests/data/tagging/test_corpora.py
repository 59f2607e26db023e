"""The checksum of labelled sentences."""

from attnlab.data.tagging.corpora import TaggedText, checksum

ONE = TaggedText("Ann saw", [(0, 3), (4, 7)], ["Ann", "saw"], ["B-PER", "O"])


def test_the_checksum_tells_texts_words_labels_and_splits_apart() -> None:
    whole = {"train": [ONE, ONE], "val": [ONE], "test": []}
    others = [
        whole | {"train": [ONE], "val": [ONE, ONE]},
        whole | {"val": [], "test": [ONE]},
        whole | {"val": [ONE._replace(text="Ann  saw")]},
        whole | {"val": [ONE._replace(offsets=[(0, 3), (3, 7)])]},
        whole | {"val": [ONE._replace(words=["Ann", "Saw"])]},
        whole | {"val": [ONE._replace(labels=["B-LOC", "O"])]},
    ]
    assert len({checksum(each) for each in (whole, *others)}) == 7
    assert checksum(dict(reversed(whole.items()))) == checksum(whole)
