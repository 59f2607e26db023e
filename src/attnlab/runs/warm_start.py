"""Training that starts from weights of before: another run's, or a file's."""

import hashlib
import logging
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from lightning.pytorch.utilities import rank_zero_only
from torch import Tensor

from attnlab.errors import UserError
from attnlab.models.weight_files import read_weights, unwrapped
from attnlab.runs import checkpoint
from attnlab.runs.instantiation import call
from attnlab.runs.shared_rows import Taken, named_rows, take_shared
from attnlab.tasks.task import Task

log = logging.getLogger(__name__)

NAMED = 8  # weights that a message names; all are in metrics.json
# Counted from the data of a run; what is taken for another one would be wrong.
OF_DATA = ("class_weights",)


@runtime_checkable
class StartsFromFile(Protocol):
    """A model whose configuration names a file of weights."""

    weights_file: str | None
    weights_sha256: str | None

    def start_from(self, weights: dict[str, Tensor]) -> list[str]:
        """Take them; the names of the model's weights that begin anew."""
        ...


class _Given(NamedTuple):
    weights: dict[str, Tensor]
    codec: dict[str, Any] | None  # of a run of ours
    sha256: str


def start_from_file(model: StartsFromFile) -> dict[str, Any]:
    """Give a model the weights that its configuration names; what is recorded of it.

    Raises:
        UserError: they can't be read, aren't the file that the run was named after, or are another model's.
    """
    path = Path(str(model.weights_file)).expanduser()
    weights, sha256 = read_weights(path, key="model.weights"), _sha256(path)
    if sha256 != model.weights_sha256:
        raise UserError(f"this file of weights has changed since the run was named, got {path} (restore it)")
    anew = call(model.start_from, "model", weights=weights)
    if anew:
        rank_zero_only(log.info)("these weights begin anew, and the others are of %s: %s", path, _shown(anew))
    return {"path": str(model.weights_file), "sha256": sha256, "anew": anew}


def warm_start(task: Task[Any], path: str, *, strict: bool, codec: dict[str, Any]) -> dict[str, Any]:
    """Give a task the weights that fit it by name and shape; what is recorded of it.

    Names are the task's, or the model's alone. Of a run of ours whose data has other words or classes, rows that stand
    for one are taken by its name (see `take_shared`), and those of others begin anew.

    Args:
        path: a run's folder, a checkpoint of ours, or a file that `read_weights` reads.
        strict: all must fit, both ways.
        codec: of this run's data, which the weights' may not be.

    Raises:
        UserError: they can't be read, none fits, or, if strict, one doesn't.
    """
    given = _read(path)
    own = _without_data(task.state_dict())
    best = max((_fitting(own, given.weights, prefix) for prefix in ("", "model.")), key=len)
    other = given.codec is not None and given.codec != codec
    rows = _by_name(own, given, codec) if other else {}
    best = {name: value for name, value in best.items() if name not in rows}
    best |= {name: each.weight for name, each in rows.items() if each.shared}
    anew = [name for name in own if name not in best]
    if strict and (partly := [name for name, each in rows.items() if 0 < each.shared < each.rows]):
        raise UserError(
            f"all weights must fit, got {path} with {_rows_shown(partly[0], rows[partly[0]])} (set init_strict=false)"
        )
    if not best or (strict and (anew or len(best) < len(given.weights))):
        own_way = isinstance(task.model, StartsFromFile) and any(name.startswith("layer1.0.") for name in given.weights)
        key = f"model.weights={path}, which takes torchvision's names" if own_way else "init_from"
        raise UserError(
            f"these weights don't fit this model, got {path} (set {key}): {_misfit(own, given.weights, anew)}"
        )
    task.load_state_dict(best, strict=False)
    _say(own, best, anew, rows, path, other=other)
    return {"path": path, "sha256": given.sha256, "taken": len(best), "anew": anew, "other_codec": other} | (
        {"rows": {name: [each.shared, each.rows] for name, each in rows.items()}} if rows else {}
    )


def _read(path: str) -> _Given:
    place = Path(path).expanduser()
    if not place.is_file():
        try:
            place = checkpoint.find(place)
        except UserError as error:
            raise UserError(f"{error} (set init_from)") from error
    if place.suffix != ".ckpt":
        return _Given(_without_data(read_weights(place, key="init_from")), None, _sha256(place))
    stored = checkpoint.load(place)
    return _Given(_without_data(unwrapped(stored)), stored[checkpoint.KEY]["codec"], _sha256(place))


def _without_data(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value for name, value in weights.items() if name not in OF_DATA}


def _fitting(own: dict[str, Tensor], given: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    named = {f"{prefix}{name}": value for name, value in given.items()}
    return {name: value for name, value in named.items() if name in own and own[name].shape == value.shape}


def _say(
    own: dict[str, Tensor], best: dict[str, Tensor], anew: list[str], rows: dict[str, Taken], path: str, *, other: bool
) -> None:
    """What begins anew, and what may mean something else."""
    if anew:
        rank_zero_only(log.warning)(
            "%d of %d weights are of %s; these don't fit by name and shape, and begin anew: %s",
            *(len(best), len(own), path, _shown(anew)),
        )
    if rows:
        shown = _shown([_rows_shown(name, each) for name, each in rows.items()])
        rank_zero_only(log.warning)("rows are taken by what they stand for, and others begin anew: %s", shown)
    elif other:
        rank_zero_only(log.warning)(
            "the weights of %s were trained with other classes or words than this data's: those that stand for a class "
            "or a word may mean another one now",
            path,
        )


def _by_name(own: dict[str, Tensor], given: _Given, codec: dict[str, Any]) -> dict[str, Taken]:
    """The weights whose rows stand for something that both codecs name."""
    assert given.codec is not None  # or there are no names
    here, there = named_rows(codec), named_rows(given.codec)
    found = {
        name: take_shared(name, value, given.weights[name], here, there)
        for name, value in own.items()
        if name in given.weights
    }
    return {name: each for name, each in found.items() if each is not None}


def _rows_shown(name: str, taken: Taken) -> str:
    return f"{name} ({taken.shared} of {taken.rows} {taken.what})"


def _misfit(own: dict[str, Tensor], given: dict[str, Tensor], anew: list[str]) -> str:
    """The first of those that don't fit, and why."""
    name = anew[0] if anew else next(each for each in given if each not in own)
    here = tuple(own[name].shape) if name in own else "nothing"
    there = given.get(name, given.get(name.removeprefix("model.")))
    return f"{name} is {here} here and {'nothing' if there is None else tuple(there.shape)} there"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _shown(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
