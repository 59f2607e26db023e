"""What a configuration that was stored may name, so that a stranger's runs no code and reaches nothing."""

import importlib
import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import PurePath
from typing import Any

import hydra.utils
from packaging.utils import canonicalize_name
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from attnlab.config.ending_code import imports_end_nothing
from attnlab.errors import UserError
from attnlab.tasks import PREDICTORS

# Whose public classes may be named: of what trains and predicts.
OWN_PACKAGES = (
    "attnlab.attention",
    "attnlab.feature_attention",
    "attnlab.models",
    "attnlab.tasks",
    "attnlab.tasks.training.schedules",
    "attnlab.data",
    "attnlab.data.text.tokenizers",
    "attnlab.metrics",
    "attnlab.runs.trained_classifier",
)
# Besides, in a run's folder: how it is trained, and what is kept of it.
RUN_PACKAGES = ("attnlab.callbacks", "attnlab.runs.trainer")
LONGEST, SHOWN = 200, 60  # characters of a name
RUN_LIBRARIES = ("lightning.pytorch.callbacks", "lightning.pytorch.loggers")

# Nobody's own, and with more in them than anyone means to trust.
NEVER_TRUSTED = (
    *("attnlab", "torch", "lightning", "pytorch_lightning", "hydra", "hydra_plugins", "omegaconf", "numpy"),
    *("__main__", "__mp_main__", "sitecustomize", "usercustomize", "conftest"),
)
# Likewise what these distributions bring, and what they need.
REQUIRED = (
    *("torch", "torchvision", "lightning", "torchmetrics", "hydra-core", "wandb", "tokenizers", "sacrebleu", "seqeval"),
    *("rouge-score", "pytorch-crf", "regex", "faster-coco-eval", "scipy", "matplotlib", "pillow", "tqdm", "jinja2"),
    *("filelock", "packaging", "wcwidth", "submitit", "optuna", "cmaes", "pytest", "hypothesis", "mypy", "ruff"),
    *("pip", "setuptools", "wheel", "build", "torchtext", "tensorboard"),
)


def check_targets(config: Any, *, trust: Sequence[str] = ()) -> None:
    """Refuse a checkpoint's config that would run anything outside the allow-list, before a line of it is instantiated.

    A name is allowed if it resolves to a public object of this project's layers, or to torch's public optimizers and
    schedulers; the resolved objects are compared, so `attnlab.x.os.system` or a look-alike package gets nowhere.
    Packages named in `trust` are the user's own: what is defined in them may be named, not what they import.

    Raises:
        UserError: naming the target.
    """
    _check(config, OWN_PACKAGES, (), trust, holder="checkpoint")


def check_run(config: Any, *, trust: Sequence[str] = ()) -> None:
    """Likewise of the config in a run's folder, which also names callbacks and loggers, this project's or Lightning's.

    Raises:
        UserError: naming the target.
    """
    _check(config, (*OWN_PACKAGES, *RUN_PACKAGES), RUN_LIBRARIES, trust, holder="run")


def check_trusted(packages: Sequence[str]) -> None:
    """UserError for a package that is nobody's own."""
    for package in packages:
        if "/" in package or package.endswith(".py"):
            name = PurePath(package).name.removesuffix(".py")
            raise UserError(
                f"a package is trusted by its name, got the path {package} (write --trust {name}, in the folder that "
                "holds it)"
            )
        if not may_be_own(package):
            raise UserError(f"only packages of your own can be trusted, got {package} (drop --trust {package})")


def may_be_own(package: str) -> bool:
    """Whether a package may be the user's own: it isn't this project's, a library's that it needs, or Python's."""
    top = package.split(".")[0]
    known = top in NEVER_TRUSTED or top in sys.stdlib_module_names
    return top.isidentifier() and not known and top not in _libraries()


@cache
def _libraries() -> frozenset[str]:
    """The top-level names of what this project is built on, and of what that needs."""
    needed, waiting = set(), list(REQUIRED)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in needed:
            needed.add(name)
            waiting += [re.split(r"[^\w.-]", each)[0] for each in _requirements(name)]
    return frozenset(
        top
        for top, homes in packages_distributions().items()
        if any(canonicalize_name(home) in needed for home in homes)
    )


def _requirements(distribution: str) -> list[str]:
    try:
        return [each for each in requires(distribution) or [] if "extra ==" not in each]
    except PackageNotFoundError:
        return []


def _check(
    config: Any, packages: Sequence[str], libraries: Sequence[str], trust: Sequence[str], *, holder: str
) -> None:
    check_trusted(trust)
    for key, target in _targets(config):
        if not isinstance(target, str) or len(target) > LONGEST:
            raise UserError(f"the {holder}'s config names no class by {str(target)[:SHOWN]!r} (at {key})")
    for key, text in _strings(config):
        if "${" in text:
            raise UserError(f"the {holder}'s config holds an interpolation, got {text!r} (at {key})")
        if key.endswith("_target_") and not (
            _is_own(text, packages) or _is_librarys(text, libraries) or _is_trusted(text, trust)
        ):
            package = text.split(".")[0]
            given = _trusted_home(text, trust)
            # Letters of other alphabets may look like a library's name.
            suggested = given is None and package.isascii() and may_be_own(package)
            in_vain = [each for each in trust if each != package and not _names_any(config, each)]
            other = f"; nothing here lies in the trusted {', '.join(in_vain)}" if in_vain else ""
            hint = f" (if it is yours: --trust {package}{other})" if suggested else ""
            owner = "part of attnlab" if given is None else f"defined in {given}"
            raise UserError(f"the {holder} would run {text!r}, which is not {owner}{hint}")


def _names_any(config: Any, package: str) -> bool:
    """Whether a class that is named anywhere lies in a package."""
    return any(str(target).startswith(f"{package}.") for _, target in _targets(config))


def _trusted_home(target: str, trust: Sequence[str]) -> str | None:
    """The trusted package that a name lies in by its whole dotted name."""
    return next((each for each in trust if target.startswith(f"{each}.")), None)


def _is_trusted(target: str, trust: Sequence[str]) -> bool:
    """Whether it is defined in a trusted package: what that merely imports may be anything."""
    package = _trusted_home(target, trust)
    if package is None:
        return False
    try:
        with imports_end_nothing():
            found = hydra.utils.get_object(target)
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(f"nothing can be imported as {target!r} (of --trust {package})") from error
    home = getattr(found, "__module__", None) or ""
    return home == package or home.startswith(f"{package}.")


def _is_own(target: str, packages: Sequence[str]) -> bool:
    """A public class defined within one of the listed packages, or a schedule; not what they merely import."""
    package, _, name = target.rpartition(".")
    if package not in packages or name.startswith("_"):
        return False
    if package == "attnlab.tasks" and name in PREDICTORS:
        return True  # without importing it, and Lightning
    found = getattr(importlib.import_module(package), name, None)  # some packages give a name only when asked
    if inspect.isclass(found):
        return found.__module__ == package or found.__module__.startswith(f"{package}.")
    return inspect.isfunction(found) and found.__module__ == package == "attnlab.tasks.training.schedules"


def _is_librarys(target: str, libraries: Sequence[str]) -> bool:
    """A public optimizer or scheduler of torch's, or a callback or logger in the `libraries`."""
    package, _, name = target.rpartition(".")
    home = next((each for each in ("torch.optim", *libraries) if f"{package}.".startswith(f"{each}.")), None)
    if home is None or any(part.startswith("_") for part in target.split(".")):
        return False
    try:
        found = getattr(importlib.import_module(package), name, None)
    except ImportError:
        return False
    return inspect.isclass(found) and found.__module__.startswith(home) and issubclass(found, _kinds(home))


def _kinds(home: str) -> tuple[type[Any], ...]:
    if home == "torch.optim":
        return (Optimizer, LRScheduler)
    from lightning.pytorch import Callback  # slow to import, which predicting does without
    from lightning.pytorch.loggers import Logger

    return (Callback, Logger)


def _targets(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "_target_":
                yield path, value
            yield from _targets(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _targets(value, f"{path}[{number}]")


def _strings(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield path, str(key)
            yield from _strings(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _strings(value, f"{path}[{number}]")
    elif isinstance(node, str):
        yield path, node
