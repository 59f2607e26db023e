"""The pieces of a byte-pair encoding in the text that Hugging Face's tokenizers writes of one."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from attnlab.models.special_tokens import SPECIAL_TOKENS
from attnlab.reading.bounds import plain_json
from attnlab.reading.kinds import is_of


class StoredPieces(NamedTuple):
    """What training found."""

    ids: dict[str, int]
    merges: list[tuple[str, str]]


def stored_pieces(text: str, empty: Mapping[str, Any], *, alphabet: Collection[str]) -> StoredPieces:
    """The pieces in a text, seen to be what training makes of `alphabet`.

    Args:
        empty: what the library writes of an untrained tokenizer of the same settings.

    Raises:
        ValueError: they aren't, or the text is of other settings.
    """
    stored = plain_json(text)
    model = stored.get("model") if isinstance(stored, dict) else None
    if not isinstance(model, dict):
        raise ValueError("a tokenizer's model isn't one")
    _check_settings(stored, empty, left_out=("model", "added_tokens", "version"))
    _check_settings(model, empty["model"], left_out=("vocab", "merges"))
    ids: Any = model.get("vocab")
    merges = model.get("merges")
    if not is_of(ids, dict[str, int]) or not isinstance(merges, list):
        raise ValueError("a tokenizer's pieces aren't numbered")
    # Earlier versions of the library wrote a merge as one text.
    pairs = [tuple(each.split(" ")) if isinstance(each, str) else tuple(each) for each in merges if _is_merge(each)]
    if sorted(ids.values()) != list(range(len(ids))) or [ids.get(each) for each in SPECIAL_TOKENS] != [0, 1, 2, 3]:
        raise ValueError("a tokenizer's pieces must be numbered from 0 on, special tokens first")
    if any(not set(piece) <= set(alphabet) or not piece for piece in ids.keys() - set(SPECIAL_TOKENS)):
        raise ValueError("a tokenizer's pieces must be of bytes")
    if len(pairs) < len(merges) or any(not {*pair, "".join(pair)} <= ids.keys() for pair in pairs):
        raise ValueError("a tokenizer must merge two of its pieces to a third")
    if lacking := set(alphabet) - ids.keys():
        raise ValueError(f"every byte must have an id, got none for {len(lacking)} of them")
    return StoredPieces(ids, [(first, second) for first, second in pairs])


def _is_merge(value: Any) -> bool:
    parts = value.split(" ") if isinstance(value, str) else value
    return is_of(parts, list[str]) and len(parts) == 2


def _check_settings(stored: Mapping[str, Any], empty: Mapping[str, Any], *, left_out: Collection[str]) -> None:
    for name, value in empty.items():
        if name not in left_out and stored.get(name, value) != value:
            raise ValueError(f"a tokenizer's {name} is {str(stored[name])[:60]}, not {value}")
