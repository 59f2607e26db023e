"""What texts look like when they were exported, read or paired wrongly, though each can be read."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

MANY = 0.5  # of a split
FEW = 0.01  # of a split, which may hold anything
FEWEST = 10  # texts that tell anything
ALIKE = 20  # times that each text stands in a split, on the average, as labels do
SAMPLE = 10_000  # texts of a split's side that are looked at
SHOWN = 40  # characters of an example
HTML = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{2,5}|#x[0-9a-fA-F]{2,4});|<br ?/?>|</?(?:p|div|span|em|strong)>")
# UTF-8 read as Latin-1 or Windows-1252, or what a reader puts for bytes that it doesn't know.
MISREAD = re.compile(r"[\u00c2\u00c3][\u0080-\u00bf]|\u00e2\u20ac|\u00e2\u0080|\ufffd")

Warn = Callable[[str, str], None]
"""Takes down a warning's kind and message."""
Sides = Mapping[str, Sequence[str]]
"""The texts of a split, by what they are."""


def warn_of_pairs(splits: Mapping[str, Sides], warn: Warn, *, keys: Sequence[str] = ()) -> None:
    """Of pairs of texts: HTML in them, a wrong encoding, one text for most, few for all, and sides that are swapped.

    `keys` say for each side what chooses it, where it is a column.
    """
    for split, sides in splits.items():
        for side, texts in sides.items():
            count, example = _holding(texts, HTML)
            if count:
                warn(
                    "html_in_texts",
                    f"{count:,} of {_looked_at(texts):,} {side} of {split} hold HTML, such as {example}, which is "
                    "learnt as words (unescape it in the files)",
                )
            _warn_of_one_text(texts, side, split, warn)
    for number, (side, texts) in enumerate(splits.get("train", {}).items()):
        _warn_of_few_texts(texts, side, keys[number] if number < len(keys) else None, warn)
    warn_of_encoding(splits, warn)
    for split in (each for each in ("val", "test") if each in splits and "train" in splits):
        if _swapped(splits["train"], splits[split]):
            warn(
                "sides_swapped",
                f"the two sides of {split} look swapped: most of its words are those of the other side of train "
                "(swap them in its files)",
            )


def warn_of_encoding(splits: Mapping[str, Sides], warn: Warn) -> None:
    """Of texts whose letters are those of another encoding."""
    for split, sides in splits.items():
        for side, texts in sides.items():
            count, example = _holding(texts, MISREAD)
            if count:
                warn(
                    "misread_letters",
                    f"{count:,} of {_looked_at(texts):,} {side} of {split} look read in a wrong encoding, with "
                    f"{example} in them (mend the files, or set data.corpus.encoding)",
                )


def warn_of_shared(what: str, val: Sequence[object], test: Sequence[object], warn: Warn) -> None:
    """Where most of test is val: what the best checkpoint was chosen by is no test of it."""
    known = set(val)
    count = sum(each in known for each in test)
    if len(test) >= FEWEST and count > MANY * len(test):
        warn(
            "test_in_val",
            f"{count:,} of {len(test):,} {what} of test stand in val, too, by which the best checkpoint is chosen "
            "(hold other texts out, or set data.root)",
        )


def _warn_of_one_text(texts: Sequence[str], side: str, split: str, warn: Warn) -> None:
    if len(texts) < FEWEST:
        return
    (text, count), *_ = Counter(texts).most_common(1)
    if count > MANY * len(texts) and text.strip():
        warn(
            "one_text",
            f"{count:,} of {len(texts):,} {side} of {split} are one and the same text, {_short(text)}: these may not "
            "be the texts that are meant (read another column or field, or set data.root)",
        )


def _warn_of_few_texts(texts: Sequence[str], side: str, key: str | None, warn: Warn) -> None:
    num = len(set(texts))
    if 1 < num <= len(texts) / ALIKE and Counter(texts).most_common(1)[0][1] <= MANY * len(texts):
        cure = "read another column or field, or set data.root" if key is None else f"set {key}"
        warn(
            "few_texts",
            f"{side} of train have {num} different texts in {len(texts)}, as labels have: they may be of another "
            f"column than is meant ({cure})",
        )


def _looked_at(texts: Sequence[str]) -> int:
    return min(len(texts), SAMPLE)


def _holding(texts: Sequence[str], pattern: re.Pattern[str]) -> tuple[int, str]:
    """How many of a sample hold it, and what the first holds; none where they are few."""
    sample = texts[:SAMPLE]
    found = [match for each in sample if (match := pattern.search(each))]
    if len(found) < max(2, FEW * len(sample)):
        return 0, ""
    return len(found), ascii(found[0][0])


def _swapped(train: Sides, other: Sides) -> bool:
    """Whether each side has more words that only the other side of train has than of its own."""
    (own, opposite), (first, second) = (
        [Counter(word for text in texts[:SAMPLE] for word in text.lower().split()) for texts in sides.values()]
        for sides in (train, other)
    )
    only = own.keys() - opposite.keys(), opposite.keys() - own.keys()

    def words(counts: Counter[str], known: set[str]) -> int:
        return sum(count for word, count in counts.items() if word in known)

    crossed = words(first, only[1]), words(second, only[0])
    straight = words(first, only[0]), words(second, only[1])
    return min(crossed) >= FEWEST and all(2 * s < c for s, c in zip(straight, crossed, strict=True))


def _short(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")
