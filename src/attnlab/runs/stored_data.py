"""The data of a run that anyone may have recorded, for what is shown of its test."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attnlab.runs import allowed, build
from attnlab.runs.read_places import say_places
from attnlab.runs.stored_addresses import with_own_addresses


def stored_data(config: Mapping[str, Any], *, folder: Path, trust: tuple[str, ...] = ()) -> Any:
    """The data module of the run in `folder` by its stored configuration, nothing read yet.

    Where it reads is told, what it downloads comes from where this project says and goes to its own cache.

    Raises:
        UserError: it names something outside the allow-list, or can't be made.
    """
    node = config["data"]
    allowed.check_targets({"data": node}, trust=trust)
    node = with_own_addresses(node, "data") | {"cache_dir": None}
    say_places(node, folder=folder)
    return build.build_data({**config, "data": node})
