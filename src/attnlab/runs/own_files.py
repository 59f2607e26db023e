"""What reads files of the user's own, told where they are given to a data set that has its own files."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from attnlab.data.origin import Origin, origin_of, readers_of_own_files
from attnlab.errors import Fault, UserError

OF_THE_FOLDER = "data.root)"  # how mistakes end whose remedy is another folder


@contextmanager
def told_who_reads_own_files(config: dict[str, Any], *, trained: bool = False) -> Iterator[None]:
    """Around what prepares a run's data: what a set lacks in the folder that was given may be meant for another one.

    Args:
        trained: the run is, and its test can't choose another.
    """
    try:
        yield
    except Fault:
        raise
    except UserError as error:
        data, task = config["data"], str(config["run_path"]).partition("/")[0]
        sets = data.get("root") is not None and origin_of(data) in (Origin.BUNDLED, Origin.DOWNLOADED)
        if not sets or not str(error).endswith(OF_THE_FOLDER) or not (names := readers_of_own_files(task)):
            raise
        others = " or ".join(f"data={name}" for name in names)
        read = f"files of your own are read by {others}"
        instead = f"a test on files of your own is of a run trained with {others}" if trained else read
        raise UserError(f"{str(error).removesuffix(')')}; {instead})") from error
