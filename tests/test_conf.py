"""Every file of conf/ composes and builds, and says what it is."""

import re
from pathlib import Path

import pytest

from attnlab import build, compose
from attnlab.catalogue import GROUPS, catalogue
from attnlab.conf_path import conf_dir

ROOT = Path(__file__).parents[1]
NAMES = {group: list(names) for group, names in catalogue([conf_dir()]).items()}
# What a file needs besides its name.
NEEDS = {"data=parallel_text": ["data.source=en", "data.target=es"]}


def _rehearse(*overrides: str) -> build.Config:
    config = build.plain(compose.compose_run(overrides))
    build.rehearse(config)
    return config


@pytest.mark.parametrize(
    "choice",
    [f"{group}={name}" for group in GROUPS if group not in ("attention", "feature_attention") for name in NAMES[group]],
)
def test_every_option_builds(choice: str) -> None:
    _rehearse(choice, *NEEDS.get(choice, []))


def test_every_file_says_in_its_first_line_what_it_is() -> None:
    silent = [f"{g}/{n}" for g, names in catalogue([conf_dir()]).items() for n, what in names.items() if not what]
    assert not silent


def test_every_experiment_opens_with_command_cost_and_outcome() -> None:
    for path in (conf_dir() / "experiment").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        for word in ("# command", "# cost", "# outcome"):
            assert word in text, f"{path} has no line {word!r}"


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_every_training_command_of_the_readme_composes(readme: str) -> None:
    lines = re.findall(r"^\$ attnlab train (.*?)(?: +#.*)?$", (ROOT / readme).read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) > 3
    for line in lines:
        words = [compose.sugar(word) for word in line.split()]
        if "--config-dir" in words:
            continue  # the reader's own folder; tests/test_own_mechanism.py follows that page
        jobs = compose.expand_sweep([w for w in words if w != "-m"]) if "-m" in words else [words]
        for job in jobs:
            compose.compose_run(job)


def _blocks(readme: str) -> list[str]:
    """The code of a README, without the comments that are translated."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    return [re.sub(r" {2,}#.*", "", block) for block in re.findall(r"```\w+\n(.*?)```", text, re.DOTALL)]


def test_both_readmes_show_the_same_commands_and_code() -> None:
    assert _blocks("README.md") == _blocks("README.zh.md")
