"""What can be said of a run, or of those of a sweep, before Hydra writes to a folder."""

import os
from pathlib import Path
from typing import Any

from attnlab.config import compose, identity, sweep_overrides
from attnlab.config.resolvers import PATHS, expanded
from attnlab.errors import UserError
from attnlab.launch import sweep
from attnlab.runs import own_code, run_folder
from attnlab.runs.sources import check_machine, check_sources


def check(plan: sweep.Plan, others: list[list[str]], *, config_dirs: list[str]) -> None:
    """Everything that can be said before Hydra writes to a run's folder."""
    configs = [plan.config, *(compose.compose_run(each, config_dirs=config_dirs) for each in others)]
    folders = []
    for config in map(plain, configs):
        folders.append(folder := Path(str(config["output_dir"])))
        check_writable(folder)
        if config["fresh"] or run_folder.results_of(folder) is None:  # or it may have all that it needs
            check_sources(config)
            if plan.is_here:
                check_machine(config)
        if not config["fresh"]:
            run_folder.check_same_config(folder, config)
            if not run_folder.has_nothing(folder):
                own_code.check_same_code(folder, instead=own_code.ANEW)
    if len(set(folders)) < len(folders):
        raise UserError("two jobs of this sweep would share a folder (set output_root, not output_dir)")


def check_alike(plan: sweep.Plan, *, config_dirs: list[str]) -> None:
    """Raise UserError for what refuses every run, whatever is drawn, before a study is made for them."""
    from attnlab.runs import build

    try:
        build.rehearse(identity.without_nulls(plain(plan.config)))
    except UserError as first:
        try:
            last = compose.compose_run(sweep_overrides.last_job(plan.overrides), config_dirs=config_dirs)
            build.rehearse(identity.without_nulls(plain(last)))
        except UserError as error:
            if str(error) == str(first):
                raise


def others_of(plan: sweep.Plan) -> list[list[str]]:
    """The further runs of a sweep that are composed before it begins: what could share a folder, or is sent away.

    A job of a cluster that waits only to be refused is dearer than composing it here.
    """
    own_folders = Path(str(plan.config["output_dir"])).name == identity.run_hash(plain(plan.config))
    if plan.jobs is None or (own_folders and plan.is_here):
        return []
    return plan.jobs[1:]


def check_writable(folder: Path) -> None:
    """Raise UserError for a folder that can't be made, or written to."""
    try:
        existing = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    except OSError as error:  # a name too long
        raise UserError(
            f"the output folder can't be made: {error.strerror}, got {folder} (set output_root, or output_dir)"
        ) from error
    if not existing.is_dir():
        raise UserError(f"the output folder can't be made: {existing} is a file (set output_root, or output_dir)")
    if not os.access(existing, os.W_OK | os.X_OK) or os.statvfs(existing).f_flag & os.ST_RDONLY:
        raise UserError(f"the output folder is read-only, got {existing} (set output_root, or output_dir)")


def plain(config: Any) -> dict[str, Any]:
    """A composed configuration's values, with what refers to others put in, and paths as they are meant."""
    from omegaconf import OmegaConf

    found = OmegaConf.to_container(config, resolve=True)
    assert isinstance(found, dict)
    return {str(key): expanded(value) if key in PATHS else value for key, value in found.items()}
