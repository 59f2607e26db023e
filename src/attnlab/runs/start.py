"""Where training begins that doesn't begin anew: at a checkpoint of the run itself, or of the shorter one before it."""

from pathlib import Path
from typing import Any, NamedTuple

from attnlab.config import identity
from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.runs import build, checkpoint, longer
from attnlab.runs.checkpoint_folder import CheckpointFolder
from attnlab.runs.environment import environment_of
from attnlab.runs.longer import Origin


class Start(NamedTuple):
    """A checkpoint that a run goes on from."""

    path: Path
    step: int
    contents: dict[str, Any]
    environment: dict[str, str]
    """What it was trained in: precision, processes ..."""
    origin: Origin | None
    """If it is another run's."""


def start_of(folder: CheckpointFolder, earlier: str | None) -> Start | None:
    """The newest checkpoint of a run, else of the `earlier` one that it makes longer; None: it begins anew.

    Raises:
        UserError: there are only damaged ones, the best is gone, or the run is of another number of results.
    """
    path, step = folder.newest()
    origin = None
    if path is None and earlier is not None:
        path, origin = longer.origin_of(Path(earlier))
        step = origin.step
    if path is None:
        return None
    stored = checkpoint.load(path)
    contents = stored[checkpoint.KEY]
    if origin is None:
        folder.check_best()
        instead = "set output_dir, or fresh=true"
        identity.check_results(identity.results_of(contents), holder=f"{path} is a checkpoint", instead=instead)
    return Start(path, step, contents, environment_of(stored), origin)


def check_same_data(start: Start, data: DataModule) -> None:
    """UserError where the data or the vocabulary aren't those that the checkpoint was trained on."""
    before, now = start.contents["checksum"], data.checksum
    if before != now:
        raise UserError(
            f"the data has changed since this run began: sha256 was {before[:12]}, now {now[:12]} "
            f"(restore it, or set fresh=true to begin anew, without resume) in {start.path}"
        )
    if start.contents["codec"] != build.codec_state(data.codec):
        raise UserError(
            "the vocabulary has changed since this run began (set fresh=true to begin anew, without resume) in "
            f"{start.path}"
        )
