"""Vocabularies and encoded texts on disk, each under the sha256 of what it follows from."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from attnlab.data.files.cached_folder import cached_folder, content_key
from attnlab.data.text.encoded import EncodedTexts
from attnlab.data.text.tokenizers import Tokenizer
from attnlab.reading.bounds import read_json

log = logging.getLogger(__name__)

ENCODING_VERSION = 1  # raise it when the same texts and settings give other ids, so that old caches aren't used
CHUNK = 1000  # texts encoded at a time


def cached_tokenizers(
    cache_dir: Path, make: Callable[[], Tokenizer], parts: Sequence[Sequence[str]], *, key: Sequence[Any]
) -> list[dict[str, Any]]:
    """The `state()` of a tokenizer trained on each part; `key`, plain values, says what the parts are."""

    def write(folder: Path) -> None:
        states = []
        for texts in parts:
            log.info("training a vocabulary on %d sentences", len(texts))
            tokenizer = make()
            tokenizer.train(texts)
            states.append(tokenizer.state())
        (folder / "tokenizers.json").write_text(json.dumps(states, ensure_ascii=False), encoding="utf-8")

    folder = cached_folder(cache_dir / "vocabulary" / content_key(ENCODING_VERSION, *key), write)
    states: list[dict[str, Any]] = read_json(folder / "tokenizers.json")
    return states


def cached_encoding(
    cache_dir: Path,
    sides: Mapping[str, Tokenizer],
    texts: Mapping[str, Mapping[str, Sequence[str]]],
    *,
    checksum: str,
) -> dict[str, dict[str, EncodedTexts]]:
    """`texts[split][side]` as ids by the tokenizer of that side; `checksum` says what the texts are."""

    def write(folder: Path) -> None:
        total = sum(len(side) for split in texts.values() for side in split.values())
        with tqdm(total=total, desc="encoding", unit=" sentences", unit_scale=True, leave=False, disable=None) as bar:
            for split, parts in texts.items():
                for side, tokenizer in sides.items():
                    EncodedTexts.from_lists(_chunks(tokenizer, parts[side], bar)).save(folder, f"{split}.{side}")

    key = content_key(ENCODING_VERSION, checksum, [tokenizer.state() for tokenizer in sides.values()])
    folder = cached_folder(cache_dir / "encoded" / key, write)
    return {split: {side: EncodedTexts.load(folder, f"{split}.{side}") for side in sides} for split in texts}


def _chunks(tokenizer: Tokenizer, texts: Sequence[str], bar: tqdm) -> Iterator[list[list[int]]]:
    for start in range(0, len(texts), CHUNK):
        chunk = texts[start : start + CHUNK]
        yield tokenizer.encode(chunk)
        bar.update(len(chunk))
