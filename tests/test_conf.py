"""Every file of conf/ composes and builds, and says what it is."""

import re
from pathlib import Path

import pytest

from attnlab import build, compose
from attnlab.attention import RoleError
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
    [f"{group}={name}" for group in GROUPS if group != "attention" for name in NAMES[group]],
)
def test_every_option_builds(choice: str) -> None:
    _rehearse(choice, *NEEDS.get(choice, []))


@pytest.mark.parametrize("model", ["attention_seq2seq", "transformer"])
@pytest.mark.parametrize("attention", NAMES["attention"])
def test_every_mechanism_builds_in_every_model_or_says_why_not(model: str, attention: str) -> None:
    overrides = [f"model={model}", f"attention={attention}"]
    config = build.plain(compose.compose_run(overrides))
    assert config["name"] == f"{model}-{attention}"
    roles = ("cross",) if model == "attention_seq2seq" else ("self", "causal", "cross")
    factory = build.instantiate(config["attention"], "attention")
    served = []
    for role in roles:
        try:
            factory(12, num_heads=3, role=role, max_length=7)
            served.append(role)
        except RoleError:
            pass
    if served:
        build.rehearse(config)
    else:
        with pytest.raises(build.UserError):
            build.rehearse(config)


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
