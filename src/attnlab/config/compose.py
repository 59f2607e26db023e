"""From command-line overrides to a checked configuration, with hydra and omegaconf alone (no torch)."""

import re
from collections.abc import Sequence
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, Quote, QuotedString
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from attnlab.config import checks, kinds, mechanism_files
from attnlab.config.composer import composing
from attnlab.config.fitting import check_fit
from attnlab.config.identity import OPTIONAL, without_nulls
from attnlab.config.lacking import lacking
from attnlab.config.leftovers import check_leftovers
from attnlab.config.mistyped import remedy
from attnlab.config.resolvers import PATHS, expanded, of_values
from attnlab.config.suggestions import groups
from attnlab.errors import UserError, one_line
from attnlab.reading import keyboard


def compose_run(overrides: Sequence[str], *, config_dirs: Sequence[str] = ()) -> DictConfig:
    """The checked configuration of one run, without its `hydra` node.

    Raises:
        UserError: a group, option, key, type or syntax that doesn't fit; the message names it and the choices.
    """
    with composing(config_dirs) as composer:
        parsed = parse(overrides)
        for override in parsed:
            if override.is_sweep_override():
                typed = override.input_line or ""
                number = f"write {meant} for one number, or " if (meant := _with_one_number(typed)) else ""
                raise UserError(f"several values make a sweep, got {typed!r} ({number}add -m)")
        groups = [override for override in parsed if composer.is_group(override)]
        values = [override for override in parsed if override not in groups]
        checks.check_groups(composer, groups)
        before = composer.compose("train", [override.input_line or "" for override in groups])
        checks.check_experiment(before)
        choices = HydraConfig.get().runtime.choices
        # A misspelt group is a key that isn't there, and what it was to choose then doesn't fit.
        checks.check_keys(before, [each for each in values if each.get_key_element().partition(".")[0] not in before])
        check_fit(choices)
        for group, name in mechanism_files.suspects(before, choices, config_dirs):
            load_group(group, name, config_dirs=config_dirs)  # which says what is wrong with the file, if it is
        checks.check_keys(before, values)
        config = composer.compose("train", overrides)
        check_leftovers(composer, config)
        kinds.check_types(before, config, values)
        checks.check_additions(before, config, values)
        checks.check_attention_is_used(config, parsed)
        return _resolved(config)


def _with_one_number(override: str) -> str:
    """An override whose value is a number with a decimal comma, or commas between thousands, without them; else ""."""
    key, _, value = override.partition("=")
    if re.fullmatch(r"-?0,\d+", value):
        return f"{key}={value.replace(',', '.')}"
    return f"{key}={value.replace(',', '')}" if re.fullmatch(r"-?[1-9]\d{0,2}(,\d{3})+", value) else ""


def check_alternatives(first: Sequence[str], others: Sequence[str], *, config_dirs: Sequence[str] = ()) -> None:
    """Check `others`, overrides that a sweep puts in the place of some of its `first` run's.

    Each run is composed when it begins: composing all of a large sweep would hold up its first.

    Raises:
        UserError: a name or a value that doesn't fit.
    """
    with composing(config_dirs) as composer:
        groups = [override.input_line or "" for override in parse(first) if composer.is_group(override)]
        before = composer.compose("train", groups)
        for override in parse(others):
            checks.check_alternative(composer, before, override)


def checked(config: DictConfig, overrides: Sequence[str]) -> DictConfig:
    """The configuration of one run of a sweep, which Hydra has composed from `overrides`, as `compose_run` gives it.

    Raises:
        UserError: as there.
    """
    check_fit(HydraConfig.get().runtime.choices)
    checks.check_attention_is_used(config, parse(overrides))
    return _resolved(config)


def load_group(group: str, name: str, overrides: Sequence[str] = (), *, config_dirs: Sequence[str] = ()) -> DictConfig:
    """One file of a configuration group, composed on its own: `load_group("attention", "additive")`.

    Raises:
        UserError: there is no such name, or an override doesn't fit.
    """
    with composing(config_dirs) as composer:
        if name not in composer.options(group):
            raise composer.no_such_option(group, name)
        chosen = f"+{group}={QuotedString(name, Quote.single).with_quotes()}"  # of any name: 1, true
        # Not as a config of its own: Hydra reads the search path too late to find one in the user's folders.
        before = composer.compose(None, [chosen])
        own = mechanism_files.own_file(group, name, config_dirs)
        part = _part_of(before, group, own)
        if own is not None and group in mechanism_files.GROUPS:
            mechanism_files.check_mechanism(part, group, own)
        if not overrides:
            return part
        checks.check_keys(before, parse(overrides))
        return _part_of(composer.compose(None, [chosen, *overrides]), group, own)


def _part_of(config: DictConfig, group: str, own: Path | None) -> DictConfig:
    """A group's values. Raises UserError if its file, one of the user's `own`, puts them elsewhere."""
    for part in group.split("/"):
        if part not in config:
            raise UserError(
                f"values of {group} must stand at their own place, got {own or group} that puts them elsewhere (drop "
                "its line # @package)"
            )
        config = config[part]
    return config


def options(group: str, *, config_dirs: Sequence[str] = ()) -> list[str]:
    """The names that can be chosen in a configuration group, in order."""
    with composing(config_dirs) as composer:
        return composer.options(group)


def parse(overrides: Sequence[str]) -> list[Override]:
    """Hydra's reading of each override. Raises UserError."""
    parser = OverridesParser.create()
    parsed = []
    for place, text in enumerate(overrides):
        if re.search(r"[\ud800-\udfff]", text):
            raise UserError(f"an override must be UTF-8, got {text!r} (rename it)")
        if (path := re.fullmatch(rf"[+]*({'|'.join(map(re.escape, PATHS))})=(.*)", text)) is not None:
            keyboard.check_slashes(path[2], f"{path[1]}=")
        try:
            if text.startswith("="):
                raise HydraException
            parsed.append(parser.parse_override(text))
        except HydraException as error:
            raise UserError(f"an override is KEY=VALUE, got {text!r} ({remedy(overrides, place)})") from error
    return parsed


# Names that Lightning knows, and what stands for them here.
ALIASES = {
    "trainer.precision": {"16": "16-mixed", "bf16": "bf16-mixed", "32": "32-true", "64": "64-true"},
    "trainer.devices": {"auto": "-1"},
    "trainer.accelerator": {"cuda": "gpu"},
}
# Names and paths: text whatever is typed.
TEXTS = ("name", "output_dir", "output_root", "init_from", "continue_from")


def sugar(override: str) -> str:
    """What may be written shorter than Hydra has it.

    `model.cross_attention=additive` stands for `attention@model.cross_attention=additive`, `trainer.precision=32` for
    `trainer.precision=32-true`, `trainer.lightning.benchmark=true` for `++trainer.lightning.benchmark=true`,
    `logger=null` for `~logger`; a path may begin with `~`, and words be of any script, without quotes. A name, a file's
    too, or a path is text as it is typed, where Hydra would read `name=1e5` or `name=007` as a number.
    """
    if (group := override.removesuffix("=null")) in OPTIONAL and group != override:
        return f"~{group}"
    match = re.fullmatch(r"(\+{0,2})(model\.\w+_attention)=([\w,. +-]+)", override)
    if match is not None and match[3] != "null":
        override = f"attention@{match[2]}={match[3]}"
    override = re.sub(r"^\++(?=attention@model\.\w+_attention=)", "", override)  # a slot is there, or can't be added
    key, _, value = override.partition("=")
    if value in (known := ALIASES.get(key, {})):
        return f"{key}={known[value]}"
    if key == "trainer.lightning" or key.startswith("trainer.lightning."):
        return f"++{override}"
    if (key in TEXTS or _is_group(key)) and re.fullmatch(r"[\w.+-]+(,[\w.+-]+)*", value):
        return f"{key}={','.join(map(_as_typed, value.split(',')))}"
    # Hydra reads no letters beyond ASCII without quotes.
    beyond = not value.isascii() and re.fullmatch(r"[\w./+-]+", value)
    if beyond or re.fullmatch(r"~[\w.-]*(/[^'\",\[\]{}]*)?", value):
        return f"{key}={QuotedString(value, Quote.single).with_quotes()}"
    return override


def _is_group(key: str) -> bool:
    """Whether what is set is a file's name: one of a user's own may be 1.yaml, true.yaml or nan.yaml."""
    return key.lstrip("+").partition("@")[0] in groups()


def _as_typed(word: str) -> str:
    value = parse([f"name={word}"])[0].value() if word.isascii() else 0
    return word if value is None or isinstance(value, str) else QuotedString(word, Quote.single).with_quotes()


def _resolved(config: DictConfig) -> DictConfig:
    """The values themselves, without the `hydra` node, all given and in range."""
    kept = OmegaConf.create({key: config._get_node(key) for key in config if key != "hydra"})
    checks.check_given(kept)
    if missing := sorted(checks.missing_keys(OmegaConf.to_container(kept, resolve=False))):
        raise UserError(lacking(kept, missing))
    try:
        resolved = OmegaConf.to_container(kept, resolve=True)
    except OmegaConfBaseException as error:
        raise UserError(checks.misfit(kept, error) or one_line(error)) from error
    assert isinstance(resolved, dict)
    values = {str(key): expanded(value) if key in PATHS else value for key, value in resolved.items()}
    run = of_values(without_nulls(values))
    checks.check_values(run)
    return run
