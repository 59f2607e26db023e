"""Tests mirror the code: who looks for the tests of a module finds them under its name."""

from pathlib import Path

from mirror import PACKAGE, SUITES, TESTS, mirror, own_tests

LONG = 40  # lines; what is shorter is tested with its user


def _without_a_test_of_their_name() -> list[Path]:
    """Long modules, by their paths in the package."""
    modules = [path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]
    return [
        module
        for module in modules
        if len((PACKAGE / module).read_text(encoding="utf-8").splitlines()) > LONG and not own_tests(module).exists()
    ]


def test_every_long_module_has_a_test_of_its_name_or_a_suite_over_its_folder() -> None:
    lacking = [str(module) for module in _without_a_test_of_their_name() if module.parent.as_posix() not in SUITES]
    assert not lacking


def test_every_suite_is_there_and_needed() -> None:
    assert all((TESTS / suite).is_file() for suite in SUITES.values())
    assert {module.parent.as_posix() for module in _without_a_test_of_their_name()} >= SUITES.keys()


def test_a_module_is_tested_by_its_name_or_by_what_stands_on_it() -> None:
    assert mirror(Path("metrics/rouge.py")).files == {TESTS / "metrics/test_rouge.py"}
    in_english = {TESTS / "study/wording/test_english.py", TESTS / "study/wording/test_contract.py"}
    assert mirror(Path("study/wording/english.py")).files == in_english
    assert mirror(Path("metrics/generation/manifolds.py")).files >= {TESTS / "metrics/generation/test_scores.py"}
    turning = mirror(Path("attention/parts/turning.py"))
    assert turning.mechanisms == {f"{name}rotary" for name in ("", "axial_", "latent_", "mixed_", "partial_")}
    assert turning.has("test_mechanism_conforms[rotary-self-shapes]")
    assert not turning.has("test_mechanism_conforms[scaled_dot-self-shapes]")
    assert turning.has("test_refusals_are_those_expected")
