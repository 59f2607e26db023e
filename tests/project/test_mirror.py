"""Tests mirror the code: who looks for the tests of a module finds them under its name."""

from pathlib import Path

import attnlab

PACKAGE = Path(attnlab.__file__).parent
TESTS = Path(__file__).parents[1]
LONG = 40  # lines; what is shorter is tested with its user
# Folders of one kind, all of which a suite goes through by its parameters.
SUITES = {
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


def _without_a_test_of_their_name() -> list[Path]:
    """Long modules, by their paths in the package."""
    modules = [path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]
    return [
        module
        for module in modules
        if len((PACKAGE / module).read_text(encoding="utf-8").splitlines()) > LONG
        and not (TESTS / module).with_name(f"test_{module.name}").exists()
    ]


def test_every_long_module_has_a_test_of_its_name_or_a_suite_over_its_folder() -> None:
    lacking = [str(module) for module in _without_a_test_of_their_name() if module.parent.as_posix() not in SUITES]
    assert not lacking


def test_every_suite_is_there_and_needed() -> None:
    assert all((TESTS / suite).is_file() for suite in SUITES.values())
    assert {module.parent.as_posix() for module in _without_a_test_of_their_name()} >= SUITES.keys()
