"""Sentences of words whose labels are as a file writes them, as ones of IOB2 labels."""

import logging
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple, Protocol

from attnlab.data.tagging.corpora import Offsets, TaggedSplits, TaggedText
from attnlab.data.tagging.label_schemes import OUTSIDE, SCHEMES, InvalidLabel, detect_scheme, repaired, to_iob2
from attnlab.data.tagging.written_labels import (
    from_brackets,
    from_suffix,
    in_capitals,
    is_bracketed,
    is_label,
    is_suffixed,
    small_letters,
)
from attnlab.errors import UserError

log = logging.getLogger(__name__)

MOST = 0.9  # of labels, for all to be in brackets, or to have their letter behind: a few may be mistyped
LETTERED = ({"b-", "i-"}, {"b-", "i-", "e-", "s-"}, {"b-", "i-", "l-", "u-"}, {"b-", "m-", "e-", "s-"})
SHOWN = 9  # labels that a message names
LONG = 200  # words of a split, for them to be hardly one sentence


class LabelledSentence(NamedTuple):
    """The words of a sentence, the labels as they are written, the line of each, and its own text if it has one."""

    words: list[str]
    labels: list[str]
    lines: list[int]
    text: str | None


class LabelledFile(Protocol):
    """Where sentences were read."""

    path: Path
    counted: str  # what `LabelledSentence.lines` counts
    num_white_space: int  # words that were passed over


def check_scheme(scheme: str | None) -> None:
    """ValueError unless it is one of `SCHEMES`, or None."""
    if scheme is not None and scheme not in SCHEMES:
        raise ValueError(
            f"scheme must be one of {', '.join(SCHEMES)}, or null, got {scheme!r} (set data.corpus.scheme)"
        )


def tagged(
    sentences: Mapping[str, list[LabelledSentence]],
    files: Mapping[str, LabelledFile],
    *,
    scheme: str | None,
    repair: bool,
) -> TaggedSplits:
    """The sentences of each split; `scheme` None: detected over all of them.

    Raises:
        UserError: a label that is none, or one that can't stand where it does, unless `repair` reads it as what fits.
    """
    sentences = _plainly_labelled(sentences, files, scheme)
    used = scheme or detect_scheme(each.labels for split in sentences.values() for each in split)
    if scheme is None:
        log.info("the labels are read as %s", used)
    texts: dict[str, list[TaggedText]] = {}
    counts = {"repaired": dict.fromkeys(sentences, 0), "text_differs": dict.fromkeys(sentences, 0)}
    for split, each in sentences.items():
        texts[split] = []
        for sentence in each:
            try:
                labels = to_iob2(sentence.labels, used)
            except InvalidLabel as error:
                labels = _repaired(sentence, used, error, files[split], repair=repair, given=scheme is not None)
                counts["repaired"][split] += 1
            text, offsets = _with_offsets(sentence)
            counts["text_differs"][split] += sentence.text not in (None, text)
            texts[split].append(TaggedText(text, offsets, sentence.words, labels))
        if count := counts["repaired"][split]:
            log.warning("repaired the labels of %d of %d sentences of %s", count, len(each), split)
        if count := counts["text_differs"][split]:
            log.warning("took the words, joined, for the text of %d of %d sentences of %s", count, len(each), split)
        if count := files[split].num_white_space:
            log.warning("passed over %d words of %s that are white space", count, split)
    counts["white_space_words"] = {split: file.num_white_space for split, file in files.items()}
    notes = {"scheme": used, "scheme_detected": scheme is None, **counts}
    return TaggedSplits(texts, notes, [*_undivided(sentences, files)])


def _undivided(
    sentences: Mapping[str, Sequence[LabelledSentence]], files: Mapping[str, LabelledFile]
) -> Iterator[tuple[str, str]]:
    """A warning for each file in lines that is one sentence, and long."""
    for split, each in sentences.items():
        num_words = sum(len(one.words) for one in each)
        if len(each) == 1 and num_words >= LONG and files[split].counted == "line":
            yield (
                "one_sentence",
                f"all {num_words} words of {split} are one sentence: a blank line, or a column headed sent_id, divides "
                f"sentences, and there is none in {files[split].path}",
            )


def _plainly_labelled(
    sentences: Mapping[str, list[LabelledSentence]], files: Mapping[str, LabelledFile], scheme: str | None
) -> Mapping[str, list[LabelledSentence]]:
    """The same, with labels in brackets, or with small letters throughout, as schemes write them.

    Raises:
        UserError: brackets that don't pair, numbers, or labels without letters none of which is O.
    """
    labels = [label for split in sentences.values() for each in split for label in each.labels]
    if scheme != "io" or OUTSIDE not in labels:
        _check_names({*labels} - {OUTSIDE}, next(iter(files.values())).path)
    if scheme is None and "*" in labels and sum(map(is_bracketed, labels)) >= MOST * len(labels):
        return {split: [_unbracketed(one, files[split]) for one in each] for split, each in sentences.items()}
    sentences = {split: _with_capitals(each, split, lettered=scheme != "io") for split, each in sentences.items()}
    labels = [label for split in sentences.values() for each in split for label in each.labels]
    named = [label for label in labels if label != OUTSIDE]
    if sum(map(is_suffixed, named)) > MOST * len(named):
        log.info("labels have their letter behind: %s is read as %s", named[0], from_suffix(named[0]))
        named = [from_suffix(label) for label in named]
        sentences = {
            split: [one._replace(labels=[from_suffix(label) for label in one.labels]) for one in each]
            for split, each in sentences.items()
        }
    if scheme == "io" and _have_letters(named):
        raise UserError(
            f"labels of scheme io must be types without letters, got letters in {next(iter(files.values())).path} "
            "(set data.corpus.scheme=null to have the scheme detected)"
        )
    first = next(iter(sentences.values()))
    shown = Counter(label for each in first for label in each.labels)
    if scheme == "io" and OUTSIDE not in shown:
        (commonest, _), *_ = shown.most_common(1)
        raise UserError(
            f"labels of scheme io must be O outside of entities, got none that is, and {commonest!r} most often, in "
            f"{next(iter(files.values())).path} (write O in its place)"
        )
    if scheme is None and OUTSIDE in labels and named and not any(map(is_label, named)):
        raise UserError(
            f"labels must be O or such as B-PER, got {named[0]!r} and none with a letter in "
            f"{next(iter(files.values())).path} (set data.corpus.scheme=io for labels without letters)"
        )
    return sentences


def _have_letters(labels: Sequence[str]) -> bool:
    """Whether most have the letters of a scheme, and all of its letters occur."""
    letters = [label[:2].lower() for label in labels if re.match(r"[bieslum]-.", label, re.IGNORECASE)]
    return {*letters} in LETTERED and len(letters) > MOST * len(labels)


def _check_names(labels: Collection[str], path: Path) -> None:
    """UserError for numbers of classes, of which nothing tells what they stand for."""
    if not labels or not all(each.isdecimal() for each in labels):
        return
    numbers = sorted(labels, key=int)
    shown = ", ".join(numbers[:SHOWN]) + (", ..." if len(numbers) > SHOWN else "")
    raise UserError(
        f"labels must be names, O or such as B-PER, got the numbers {shown} in {path} (write the name that each stands "
        "for in its place)"
    )


def _with_capitals(sentences: list[LabelledSentence], split: str, *, lettered: bool) -> list[LabelledSentence]:
    """The sentences of a split, whose labels may be in small letters where another's aren't."""
    small = small_letters((label for each in sentences for label in each.labels), lettered=lettered)
    if small:
        log.info("labels of %s in small letters are read as capitals: %s", split, ", ".join(sorted(small)))
    return [each._replace(labels=[in_capitals(label, small) for label in each.labels]) for each in sentences]


def _unbracketed(sentence: LabelledSentence, file: LabelledFile) -> LabelledSentence:
    try:
        return sentence._replace(labels=from_brackets(sentence.labels))
    except InvalidLabel as error:
        line = sentence.lines[error.position]
        raise UserError(f"{error} at {file.counted} {line} of {file.path} (correct {file.counted} {line})") from error


def _repaired(
    sentence: LabelledSentence, scheme: str, error: InvalidLabel, file: LabelledFile, *, repair: bool, given: bool
) -> list[str]:
    """Its labels as what fits, unless that isn't wanted or can't be; then one line, with the place and what helps."""
    helps = [] if given and scheme == "io" else ["data.corpus.repair=true"]
    try:
        fitting = repaired(sentence.labels, scheme)
        if repair:
            return fitting
    except InvalidLabel as worse:  # not a label at all, or one of another scheme
        error, helps = worse, []
    line = sentence.lines[error.position]
    if given and scheme != "io" and is_label(sentence.labels[error.position]):
        helps = ["data.corpus.scheme=null to have it detected", *helps]
    elif helps:
        helps = ["data.corpus.scheme", *helps]
    cure = f"set {', or '.join(helps)}" if helps else f"correct {file.counted} {line}"
    raise UserError(f"{error} at {file.counted} {line} of {file.path}, read as {scheme} ({cure})") from error


def _with_offsets(sentence: LabelledSentence) -> tuple[str, Offsets]:
    """The text that its comment gives, if it is of these words; else the words joined by spaces."""
    offsets = None if sentence.text is None else _places(sentence.words, sentence.text)
    if sentence.text is not None and offsets is not None:
        return sentence.text, offsets
    starts = accumulate((len(word) + 1 for word in sentence.words[:-1]), initial=0)
    return " ".join(sentence.words), [(s, s + len(w)) for s, w in zip(starts, sentence.words, strict=True)]


def _places(words: Sequence[str], text: str) -> Offsets | None:
    """Where the words stand in the text; None unless there is nothing between them but white space."""
    offsets = []
    position = 0
    for word in words:
        start = text.find(word, position)
        if start < 0 or text[position:start].strip():
            return None
        position = start + len(word)
        offsets.append((start, position))
    return None if text[position:].strip() else offsets
