"""Words and their labels, an object of two lists a line, as Hugging Face's data sets have them."""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attnlab.data.files.encodings import DEFAULT, checked_encoding
from attnlab.data.files.json_values import no_object
from attnlab.data.files.split_files import lacks_training, split_files
from attnlab.data.origin import Origin
from attnlab.data.tagging.corpora import Offsets, TaggedSplits, labelled_in
from attnlab.data.tagging.json_entries import read_json_entries
from attnlab.data.tagging.jsonl_spans import ENDINGS
from attnlab.data.tagging.labelled_sentences import LabelledSentence, check_scheme, tagged
from attnlab.errors import UserError

log = logging.getLogger(__name__)

TOKEN_FIELDS = ("tokens", "words")
TAG_FIELDS = ("ner_tags", "tags", "ner", "labels")


class JsonlTokens:
    """The user's own words: {"tokens": ["Ann", "left"], "ner_tags": ["B-PER", "O"]} a line, or a list of such.

    Labels are of any scheme, as in files in columns; or numbers, as such or as texts, whose names `label_names` gives.

    Args:
        train, val, test: file names, from `data.root` on (None: found by name, see `split_files`).
        tokens, tags: the fields' names (None: the first of `TOKEN_FIELDS`, of `TAG_FIELDS`, that an object has).
        label_names: of the numbers from 0 on.
        encoding: of all files, a name that Python knows.
        scheme, repair: as of files in columns.

    Raises:
        ValueError: no such scheme or encoding, or names of labels that aren't a list of texts.
    """

    origin = Origin.OWN

    def __init__(
        self,
        *,
        train: str | None = None,
        val: str | None = None,
        test: str | None = None,
        tokens: str | None = None,
        tags: str | None = None,
        label_names: Sequence[str] | None = None,
        scheme: str | None = None,
        encoding: str = DEFAULT,
        repair: bool = False,
    ) -> None:
        check_scheme(scheme)
        if label_names is not None and (
            isinstance(label_names, str) or not all(isinstance(n, str) for n in label_names)
        ):
            raise ValueError(
                f"label_names must be a list such as [O,B-PER,I-PER], got {label_names!r} (set data.corpus.label_names)"
            )
        if label_names is not None and len(set(label_names)) < len(label_names):
            raise ValueError(f"label_names must differ, got {', '.join(label_names)} (set data.corpus.label_names)")
        self.files = {"train": train, "val": val, "test": test}
        self.token_fields = TOKEN_FIELDS if tokens is None else (tokens,)
        self.tag_fields = TAG_FIELDS if tags is None else (tags,)
        self.label_names = None if label_names is None else list(label_names)
        self.scheme, self.repair = scheme, repair
        self.encoding = checked_encoding(encoding)

    def read(self, *, root: Path | None, cache_dir: Path, split: Callable[[str], Offsets]) -> TaggedSplits:
        return self._read(split_files(root or Path(), self.files, ENDINGS))

    def read_lone_test(self, *, root: Path | None, split: Callable[[str], Offsets]) -> TaggedSplits | None:
        folder = root or Path()
        if not lacks_training(folder, self.files, ENDINGS):
            return None
        return self._read(split_files(folder, self.files, ENDINGS, splits=["test"]))

    def _read(self, paths: Mapping[str, Path]) -> TaggedSplits:
        files = {name: _TokenFile(path) for name, path in paths.items()}
        sentences = {name: list(self._sentences(file, name)) for name, file in files.items()}
        splits = tagged(sentences, files, scheme=self.scheme, repair=self.repair)
        return splits._replace(labelled=labelled_in(str(next(iter(paths.values()))), "data.corpus.tags"))

    def _sentences(self, file: "_TokenFile", split: str) -> list[LabelledSentence]:
        key = "data.root" if self.files[split] is None else f"data.corpus.{split}"
        found, num_empty = [], 0
        entries = read_json_entries(file.path, key=key, encoding=self.encoding)
        for number, (place, entry) in enumerate(entries, start=1):
            words, labels = self._lists(entry, place)
            kept = [(word, label) for word, label in zip(words, labels, strict=True) if word.strip()]
            file.num_white_space += len(words) - len(kept)
            if kept:
                sentence = LabelledSentence([w for w, _ in kept], [t for _, t in kept], [number] * len(kept), None)
                found.append(sentence)
            else:
                num_empty += 1
        if num_empty:
            log.warning("left out %d sentences of %s that have no words", num_empty, split)
        return found

    def _lists(self, entry: Any, place: str) -> tuple[list[str], list[str]]:
        """The words of an object and the labels of as many."""
        if not isinstance(entry, dict):
            raise no_object(place, str(entry), key="data.root")
        words = _list(entry, self.token_fields, place, "data.corpus.tokens")
        tags = _list(entry, self.tag_fields, place, "data.corpus.tags")
        if not all(isinstance(word, str) for word in words):
            raise UserError(f"tokens must be texts, got {str(words)[:40]} in {place} (set data.corpus.tokens)")
        if len(words) != len(tags):
            raise UserError(f"each token must have a tag, got {len(tags)} for {len(words)} in {place} (mend that line)")
        return words, [self._name(tag, place) for tag in tags]

    def _name(self, tag: Any, place: str) -> str:
        names = self.label_names
        if isinstance(tag, str):
            if names is None or tag in names or not tag.isdecimal():
                return tag
            tag = int(tag)
        if type(tag) is not int or (names is not None and not 0 <= tag < len(names)):
            kinds = "a text" if names is None else f"a text or a number from 0 to {len(names) - 1}"
            raise UserError(f"a tag must be {kinds}, got {tag!r} in {place} (set data.corpus.label_names)")
        if names is None:
            raise UserError(
                f"tags that are numbers must have names, got {tag} in {place} (set data.corpus.label_names, such as "
                "[O,B-PER,I-PER])"
            )
        return names[tag]


class _TokenFile:
    """Where sentences were read, each an entry."""

    counted = "entry"

    def __init__(self, path: Path) -> None:
        self.path, self.num_white_space = path, 0


def _list(entry: dict[str, Any], names: Sequence[str], place: str, key: str) -> list[Any]:
    name = next((each for each in names if each in entry), None)
    if name is None or not isinstance(entry[name], list):
        got = str(entry[name])[:40] if name else ", ".join(entry)
        raise UserError(f"a line must have a list in {' or '.join(names)}, got {got!r} in {place} (set {key})")
    found: list[Any] = entry[name]
    return found
