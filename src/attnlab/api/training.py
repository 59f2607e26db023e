"""Composing and training from a notebook, as `attnlab train` does it."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from omegaconf import DictConfig

from attnlab.api.overrides import folders, listed
from attnlab.api.run import Run
from attnlab.api.wording import in_python
from attnlab.config import compose as composing
from attnlab.config.trusted_files import EVERYWHERE, trusted


@in_python()
def compose(*overrides: str | Sequence[str], config_dirs: Sequence[str | Path] = ()) -> DictConfig:
    """The checked configuration of one run: `compose("task=ner", "attention=additive").model.dim`.

    Overrides may as well be given in a list. `config_dirs` are folders of your own configs, as `--config-dir` of the
    command.

    Raises:
        UserError: an override that doesn't fit; the message names it and the choices.
    """
    given = [composing.sugar(each) for each in listed(overrides)]
    return composing.compose_run(given, config_dirs=folders(config_dirs))


@in_python()
def train(*overrides: str | Sequence[str], config_dirs: Sequence[str | Path] = (), trust_file: bool = False) -> Run:
    """Train, test and record one run: `train("experiment=ner_quickstart", "attention=uniform")`.

    Without overrides it is the default run, as of the command: translation, hours on a CPU. A finished run is reported,
    an unfinished one continued, as by the same command; an interrupted cell leaves a checkpoint, and the same call goes
    on from it. `trust_file` says that the checkpoint of `init_from` is your own.

    Raises:
        UserError: an override that doesn't fit, or a mistake in the data.
        FloatingPointError: training diverged (set a lower optimizer.lr).
        KeyboardInterrupt: it was interrupted.
    """
    from attnlab.commands.train.command import train_one, unwritable_named
    from attnlab.launch.stop import TrainingInterrupted

    given = listed(overrides)
    folder = Path(compose(given, config_dirs=config_dirs).output_dir)
    try:
        with _logging_as_before(), trusted(*([EVERYWHERE] if trust_file else [])), unwritable_named():
            train_one(given, config_dirs=folders(config_dirs), to_the_log_alone=False)
    except TrainingInterrupted as error:
        raise KeyboardInterrupt(f"{error}; the same call continues it") from error
    return Run(folder)


@contextmanager
def _logging_as_before() -> Iterator[None]:
    """Hydra gives the process the log of a run, which isn't to go on in what the notebook does next."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        for each in root.handlers:
            if each not in handlers:
                each.close()
        root.handlers, root.level = handlers, level
