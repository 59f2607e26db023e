"""What lies at the project's root says the same as pyproject.toml and the Makefile."""

import re
import tomllib
from pathlib import Path

import yaml
from standard_data import VARIABLE

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["version"]
    assert citation["abstract"] == PROJECT["description"]
    assert citation["keywords"] == PROJECT["keywords"]
    assert citation["license"] == PROJECT["license"].split(" AND ")[0]
    assert citation.keys() >= {"cff-version", "message", "title", "authors"}


def test_the_hooks_before_a_commit_fetch_nothing_and_check_what_make_does() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("$(BIN)", ".venv/bin")
    (repository,) = config["repos"]
    assert repository["repo"] == "local"
    hooks = {hook["id"]: hook for hook in repository["hooks"]}
    assert hooks.keys() == {"ruff-check", "ruff-format", "mypy"}
    for hook in hooks.values():
        assert hook["language"] == "system"
        assert f"\t{hook['entry'].removesuffix(' --force-exclude')}" in makefile


def test_continuous_integration_skips_no_test_of_the_standard_data() -> None:
    assert re.search(rf"^export {VARIABLE}=", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
