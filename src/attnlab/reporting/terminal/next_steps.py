"""What can be done with a run that is finished: the commands, as they can be pasted."""

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from attnlab.config import trusted_files
from attnlab.reading.bounds import text_lines
from attnlab.reading.shown import without_controls
from attnlab.reporting.glossary import term
from attnlab.reporting.terminal.text import one_line, pad

PICTURE = "PICTURE.png"  # as predictors ask for one
NAME_WIDTH = 10  # columns
SHORT = range(8, 91)  # characters of a text that fits on a line
LOOKED_AT = 200  # texts, among which is a short one
CONTROL, ATTENTIVE = "uniform", "scaled_dot"
PLAIN = ("uniform", "identity", "position_only", "random_frozen")
PLAIN_ON_MAPS = ("NoneFeatureAttention", "WiderFeatureAttention")
MAPS_SLOT = "blocks"  # of a mechanism on feature maps
ON_MAPS = {CONTROL: "none", ATTENTIVE: "se"}
# Those that say where a run lies and how it begins, and those of whom one run is only a part.
ASIDE = re.compile(r"\+{0,2}(output_dir|fresh|name|resume)=")
NOT_ALONE = ("-m", "--multirun", "--job", "resume=", "+resume=", "continue_from=")
SLOT = re.compile(r"((?:attention@)?model\.(?!feature_)\w*attention)=")


def next_steps(
    directory: Path, config: Mapping[str, Any], results: Mapping[str, Any], *, asked: str | None, trust: Sequence[str]
) -> Iterator[str]:
    """Lines of commands on the run in `directory`, whose `metrics.json` holds `results`.

    `asked` is what `predict` is given, in the shell's words; None: one of the test's texts. `trust` are packages of the
    user's own.
    """
    here, program = shlex.quote(str(directory)), command("attnlab")
    trusted = "".join(f" --trust {package}" for package in trust)
    if not trusted_files.torch_is_safe():
        trusted += f" {trusted_files.OPTION}"
    answers = directory / "predictions.jsonl"
    given = _text(answers) if asked is None else asked.replace(PICTURE, _picture(answers, config) or PICTURE)
    yield term("next")
    if given is not None:
        yield _row("predict", f"{program} predict {here} {given}{trusted}")
    other = _other(config, results)
    if other is not None:
        label, words = other
        yield _row(label, f"{program} {shlex.join(words)}")
    if other is not None or _place(config).is_dir():
        yield _row("compare", f"{program} compare {_runs(directory, config)}")
    yield _row("page", f"{program} view {here}{trusted}")
    if offline := sorted(directory.glob("wandb/offline-run-*")):
        yield _row("wandb", f"{command('wandb')} sync {shlex.join(map(str, offline))}")


def sweep_steps(record: Path) -> Iterator[str]:
    """Likewise of a sweep whose runs have ended, by the folder of its record."""
    place = Path(os.path.relpath(record)) if record.is_relative_to(Path.cwd()) else record
    page = shlex.join([str(place), "--html", str(place / "report.html")])
    yield term("next")
    yield _row("page", f"{command('attnlab')} compare {page}")


def command(name: str) -> str:
    """How this environment's command of that name is called from here: by its name alone where a terminal finds it."""
    place = Path(sys.executable).with_name(name)
    found = shutil.which(name)
    if not place.exists() or (found is not None and os.path.samefile(found, place)):
        return name
    relative = os.path.relpath(place)
    return shlex.quote(str(place) if relative.startswith("..") else relative)


def _text(path: Path) -> str | None:
    """A short one of the test, quoted for the shell."""
    texts = [one_line(without_controls(each)) for each in _inputs(path, LOOKED_AT)]
    texts = [text for text in texts if text.strip() and not text.startswith("-")]
    short = [text for text in texts if len(text) in SHORT] or [_beginning(text) for text in texts]
    return shlex.quote(short[0]) if short else None


def _inputs(path: Path, most: int) -> list[str]:
    """The first of the test's."""
    if not path.is_file():
        return []
    with closing(text_lines(path)) as lines:
        return [json.loads(line)["input"] for line in islice(lines, most)]


def _picture(path: Path, config: Mapping[str, Any]) -> str | None:
    """One of the test, quoted for the shell, where it is a file of its own."""
    root = config.get("data", {}).get("root")
    for name in _inputs(path, 1) if root else []:
        file = Path(os.path.relpath(Path(root, name)))
        if file.is_file() and without_controls(str(file)) == str(file):
            return shlex.quote(str(file))
    return None


def _beginning(text: str) -> str:
    """As much of a text as fits on a line, to the end of a word where it has spaces."""
    most = SHORT.stop - 1
    if len(text) <= most:
        return text
    whole = text[: most + 1].rpartition(" ")[0].rstrip()
    return whole if len(whole) in SHORT else text[:most]


def _other(config: Mapping[str, Any], results: Mapping[str, Any]) -> tuple[str, list[str]] | None:
    """The same command with the plainest attention, or, of a run that has that, with another; and what it is.

    None where the command on record isn't this run's alone, or its model has no attention.
    """
    words = shlex.split(str(results.get("command", "")))[1:]
    if words[:1] != ["train"] or any(word.startswith(NOT_ALONE) for word in words):
        return None
    words = _last_ones([word for word in words if not ASIDE.match(word)])
    slots = results["attention_slots"]
    kind = _kind_on_maps(config["model"])
    mechanisms = {slots[name] for name in slots if kind is None or name != MAPS_SLOT}
    if kind is not None and not _is_of_slots(config["model"], kind, words):
        wanted = ATTENTIVE if kind in PLAIN_ON_MAPS else CONTROL
        words = [*_without(words, "feature_attention"), f"feature_attention={ON_MAPS[wanted]}"]
    elif mechanisms:
        wanted = ATTENTIVE if mechanisms <= set(PLAIN) else CONTROL
        if any(SLOT.match(word) for word in words):
            words = [SLOT.sub(rf"\1={wanted}\0", word).partition("\0")[0] for word in words]
        else:
            words = [*_without(words, "attention"), f"attention={wanted}"]
    else:
        return None
    return "control" if wanted == CONTROL else "attention", words


def _kind_on_maps(model: Mapping[str, Any]) -> str | None:
    """The class of a model's mechanism on feature maps; None of a model that takes none."""
    found = model.get("feature_attention")
    return str(found.get("_target_", "")).rpartition(".")[2] if isinstance(found, Mapping) else None


def _is_of_slots(model: Mapping[str, Any], on_maps: str, words: Sequence[str]) -> bool:
    """Whether of a model with a mechanism `on_maps` the other run is one with another attention in its slots.

    As long as these attend, the model without that mechanism isn't one without attention; but where the command names
    that one alone, it is what is tried.
    """
    if not isinstance(model.get("attention"), Mapping):
        return False
    named = any(word.startswith("feature_attention=") for word in words) and on_maps not in PLAIN_ON_MAPS
    return not named or any(word.startswith("attention=") or SLOT.match(word) for word in words)


def _last_ones(words: Sequence[str]) -> list[str]:
    """Of overrides of the same key the one that holds."""
    keys = [word if word.startswith("-") else word.partition("=")[0] for word in words]
    return [word for number, word in enumerate(words) if "=" not in word or keys[number] not in keys[number + 1 :]]


def _without(words: Sequence[str], group: str) -> list[str]:
    """Overrides without those of a group and of its values."""
    return [word for word in words if not re.match(rf"\+{{0,2}}~?{group}[.=]", word)]


def _runs(directory: Path, config: Mapping[str, Any]) -> str:
    """This run's place and that of others of its task, as those that are to be run next."""
    place = _place(config)
    inside = directory.is_relative_to(place)
    return shlex.join([str(place)] if inside else [str(directory), str(place)])


def _place(config: Mapping[str, Any]) -> Path:
    """Where runs of its task lie, unless they are told to lie elsewhere."""
    return Path(config["output_root"], str(config["run_path"]).partition("/")[0])


def _row(name: str, value: str) -> str:
    return f"  {pad(term(name), NAME_WIDTH)}{value}"
