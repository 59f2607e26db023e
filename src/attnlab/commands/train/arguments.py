"""The command line of `attnlab train`: Hydra's own options, and overrides."""

from collections.abc import Sequence
from pathlib import Path

from attnlab.commands.arguments import check_config_dirs, mistake
from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.runs import run_folder

HELP = """\
usage: attnlab train [KEY=VALUE ...] [-m] [--config-dir DIR]

  GROUP=NAME          choose a part: task, model, data, attention, tokenizer, optimizer, scheduler, trainer,
                      callbacks, logger, experiment (`attnlab list` shows the names)
  KEY=VALUE           set a value, e.g. model.dim=128 trainer.max_steps=500 seed=3
  -m, --multirun      run every combination of comma-separated values: attention=additive,uniform seed=1,2
                      with hydra/launcher=slurm as jobs of SLURM; with hydra/sweeper=optuna drawn from ranges:
                      'optimizer.lr=tag(log,interval(1e-4,1e-2))'
  --config-dir DIR    add your own configs: DIR/attention/mine.yaml is chosen by attention=mine
  --cfg job           print the composed config and stop (add --resolve for its values)
  output_dir=DIR      put everything of the run there; by default outputs/TASK/NAME/HASH-OF-THE-CONFIG
  resume=DIR          continue the unfinished run in DIR (as does the same command again); with a larger
                      trainer.max_steps a new run, in its own folder, that begins where DIR's last.ckpt stands
  fresh=true          start anew where a run is; the old one is kept in its folder, under earlier/
  init_from=PATH      start from the weights of another run, a checkpoint or a file that fit
"""

PROG = "attnlab train"
SHORT = {"-m": "--multirun", "-cd": "--config-dir", "-c": "--cfg", "-p": "--package", "-i": "--info"}
TAKE_A_VALUE = ("--config-dir", "--cfg", "--package")
ALONE = ("--multirun", "--resolve", "--info")


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Hydra's own options, by their long names, and the overrides.

    Raises:
        UserError: an option that Hydra hasn't or that lacks its value.
    """
    flags: list[str] = []
    overrides: list[str] = []
    for argument in arguments:
        if flags and flags[-1] in TAKE_A_VALUE:
            flags[-1] += f"={argument}"
        elif argument.startswith("-"):
            name, equals, value = argument.partition("=")
            name = SHORT.get(name, name)
            if name not in (*TAKE_A_VALUE, *ALONE):
                raise mistake(f"no such option of attnlab train, got {argument!r}", prog=PROG)
            flags.append(name + equals + value)
        else:
            overrides.append(argument)
    if flags and flags[-1] in TAKE_A_VALUE:
        raise mistake(f"{flags[-1]} needs a value", prog=PROG)
    return flags, overrides


def config_dirs(flags: Sequence[str]) -> list[str]:
    """The user's own folders among Hydra's options. Raises UserError if one isn't there."""
    found = [flag.removeprefix("--config-dir=") for flag in flags if flag.startswith("--config-dir=")]
    check_config_dirs(found)
    return found


def resumed(flags: list[str], overrides: list[str]) -> tuple[list[str], list[str]]:
    """`resume=DIR` stands for the overrides and folders that DIR was started with, and for DIR as its folder.

    With more updates it stands for a new run that goes on from DIR, whatever the number of its results.

    Raises:
        UserError: there is no run, or one of other results than this version computes; or fewer updates are asked for.
    """
    asked = [each for each in overrides if each.startswith("resume=")]
    if not asked:
        return flags, overrides
    directory = Path(asked[-1].removeprefix("resume="))
    stored = directory / ".hydra" / "overrides.yaml"
    if not stored.is_file():
        raise UserError(f"no run to resume, got {directory} (expected {stored}; set resume to a run's folder)")
    added = [each for each in overrides if each not in asked]
    place = "continue_from" if run_folder.is_longer(directory, _max_steps(added)) else "output_dir"
    if place == "output_dir" and (number := run_folder.results_of(directory)) is not None:
        instead = "drop resume, and give the overrides of a new run"
        identity.check_results(number, holder=f"{directory} holds a run", instead=instead)
    from omegaconf import OmegaConf

    own = ("output_dir=", "fresh=", "continue_from=")
    earlier = [str(each) for each in OmegaConf.load(stored) if not str(each).startswith(own)]
    sources = OmegaConf.load(directory / ".hydra" / "hydra.yaml").hydra.runtime.config_sources
    folders = [f"--config-dir={each.path}" for each in sources if each.provider == "command-line"]
    return [*flags, *folders], [*earlier, *added, f"{place}={_quoted(str(directory))}"]


def _max_steps(overrides: Sequence[str]) -> int | None:
    """The updates asked for, if any; what isn't a number is refused where it is composed."""
    asked = [each.partition("=")[2] for each in overrides if each.startswith("trainer.max_steps=")]
    return int(asked[-1]) if asked and asked[-1].isdecimal() else None


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
