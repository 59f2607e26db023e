"""Which tests are a module's: those that bear its name, its folder's suite, or its users'."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "attnlab"
TESTS = ROOT / "tests"
# Folders of one kind, all of which a suite goes through by its parameters.
SUITES = {
    "reporting/messages": "reporting/messages/test_chinese.py",
    "api": "api/test_trained.py",
    "attention/conformance": "attention/conformance/test_conformance_catches.py",
    "attention/mechanisms": "attention/conformance/test_conformance.py",
    "attention/parts": "attention/conformance/test_conformance.py",
    "commands/data": "commands/data/test_command.py",
    "commands/check": "commands/check/test_command.py",
    "commands/export": "commands/export/test_command.py",
    "commands/explain": "commands/explain/test_command.py",
    "commands/explain/steps": "commands/explain/test_command.py",
    "data/description": "data/description/test_describe.py",
    "feature_attention/conformance": "feature_attention/conformance/test_conformance_catches.py",
    "feature_attention/mechanisms": "feature_attention/conformance/test_conformance.py",
    "models/adversarial": "models/adversarial/test_pairs.py",
    "models/classifiers": "models/classifiers/test_image_classifiers.py",
    "models/detectors": "models/detectors/test_detectors.py",
    "models/encoder_decoders": "models/encoder_decoders/test_encoder_decoders.py",
    "models/taggers": "models/taggers/test_taggers.py",
}


@dataclass(frozen=True)
class Mirror:
    """A module's tests: files, and where there are `mechanisms`, no test in them whose parameters name others alone."""

    files: frozenset[Path]
    mechanisms: frozenset[str] = field(default_factory=frozenset)

    def has(self, name: str) -> bool:
        """Whether a test of this name, with its parameters, is one of them."""
        named = MECHANISMS & set(re.split(r"[^a-z0-9_]+", name.partition("[")[2]))
        return not self.mechanisms or not named or bool(named & self.mechanisms)


# Folders whose suites are run by what these hold.
USED_BY = {"attention/conformance": ["attention/mechanisms"]}
# What shows whether a check of conformance works: with and without a bias, exact and not, a sibling, sides, a grid.
SOME = frozenset({"alibi", "forgetting", "latent", "performer", "swin"})
MECHANISMS = {path.stem for path in (PACKAGE / "attention" / "mechanisms").glob("*.py")} - {"__init__"}


def own_tests(module: Path) -> Path:
    """The file of its name, which need not be there. `module` is its path in the package."""
    return (TESTS / module).with_name(f"test_{module.name}")


@cache
def mirror(module: Path) -> Mirror:
    """The tests of a module, given by its path in the package."""
    if module.parts[:2] in (("attention", "mechanisms"), ("attention", "parts")):
        return _of_mechanisms(module)
    if own_tests(module).exists():
        # And what all of a folder keep.
        contract = own_tests(module.with_name("contract.py"))
        return Mirror(frozenset(each for each in (own_tests(module), contract) if each.exists()))
    tests = {path for path in _importing(module, TESTS / module.parts[0]) if path.name.startswith("test_")}
    users = (path.relative_to(PACKAGE) for path in _importing(module, PACKAGE / module.parts[0]))
    tests |= {own_tests(user) for user in users if own_tests(user).exists()}
    folder = module.parent.as_posix()
    suites = {TESTS / SUITES[each] for each in (folder, *USED_BY.get(folder, ())) if each in SUITES}
    files = frozenset(tests | suites)
    return Mirror(files, SOME if module.parts[0] == "attention" else frozenset())


def _of_mechanisms(module: Path) -> Mirror:
    """The suite, and what else tests the mechanisms that stand on the module, with it through other parts."""
    named, waiting = set(), [module]
    while waiting:
        part = waiting.pop()
        if part.parent.name == "mechanisms":
            named.add(part.stem)
        if part not in waiting:
            waiting += [path.relative_to(PACKAGE) for path in _importing(part, PACKAGE / "attention")]
    names = "|".join([module.stem, *named, *(_class_name(name) for name in named)])
    said = re.compile(rf"\b({names})\b")
    tests = {path for path in (TESTS / "attention").rglob("test_*.py") if said.search(_text(path))}
    return Mirror(frozenset({*tests, TESTS / SUITES["attention/mechanisms"]}), frozenset(named))


def _class_name(mechanism: str) -> str:
    return "".join(word.capitalize() for word in mechanism.split("_")) + "Attention"


def _importing(module: Path, folder: Path) -> list[Path]:
    name = ".".join(["attnlab", *module.with_suffix("").parts]).removesuffix(".__init__")
    parent, _, last = name.rpartition(".")
    imports = re.compile(rf"^\s*(from {name} import|import {name}\b|from {parent} import .*\b{last}\b)", re.MULTILINE)
    return [path for path in sorted(folder.rglob("*.py")) if imports.search(_text(path))]


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
