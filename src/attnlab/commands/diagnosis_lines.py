"""What a diagnosis of attention says, as a person reads it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from attnlab.reporting.terminal.text import display_width, pad, score_text

if TYPE_CHECKING:
    from attnlab.runs.diagnosis.deleting import Deletion
    from attnlab.runs.diagnosis.diagnose import Diagnosis, Known, Place

HEAD = ("attention", "role", "head", "entropy", "relative", "first key", "last key", "even", "heads alike")
KNOWN = {
    "alignment": ("on the source word that is translated", "target words whose strongest source word is the true one"),
    "place": ("on the patch that decides", "images whose strongest place is the patch"),
}


def diagnosis_lines(found: "Diagnosis") -> Iterator[str]:
    """A table by head, then what maps show of what the model uses, and of what is known."""
    yield ""
    yield from columns([HEAD, *(row for place in found.places for row in _rows(place))])
    yield "entropy in nats, relative to log of the keys allowed; shares of the first and the last; an even share"
    yield ""
    yield from _deletion(found)
    if found.known is not None:
        yield from _known(found.known)


def _rows(place: "Place") -> Iterator[Sequence[str]]:
    statistics = place.statistics
    for number, head in enumerate(statistics.heads, 1):
        numbers = (head.entropy, head.relative_entropy, head.first, head.last, statistics.even)
        alike = "" if statistics.redundancy is None or number > 1 else score_text(statistics.redundancy)
        name = (place.path or "itself", place.role) if number == 1 else ("", "")
        yield (*name, str(number), *map(score_text, numbers), alike)


def _deletion(found: "Diagnosis") -> Iterator[str]:
    deletion = found.deletion
    if deletion is None:
        yield f"deletion: not measured: {found.without}"
        return
    if deletion.score is None:
        yield f"deletion: no score: {deletion.why}"
    else:
        beside = f" ({deletion.why})" if deletion.why else " (0: as another example's map, 1: as greedy deletion)"
        yield f"deletion: {score_text(deletion.score)}{beside}"
    yield from _drops(deletion)


def _drops(deletion: "Deletion") -> Iterator[str]:
    pairs = (("own map", deletion.drop), ("others' maps", deletion.donors_drop), ("greedy", deletion.greedy_drop))
    said = ", ".join(f"{name} {score_text(drop)}" for name, drop in pairs if drop is not None)
    if said:
        yield f"  log-probability lost, in nats: {said} (of {deletion.num_greedy} examples)"
    if deletion.num_flat:
        yield f"  {deletion.num_flat} of {deletion.num_maps} maps are even, and rank nothing"


def _known(known: "Known") -> Iterator[str]:
    share, hits = KNOWN[known.name]
    chance = score_text(known.chance_share)
    yield f"{known.name}: {score_text(known.share)} of the weight lies {share} (chance {chance})"
    yield f"  {score_text(known.accuracy)}: {hits} (chance {score_text(known.chance_accuracy)})"


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The cells of rows below each other."""
    widths = [max(display_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
