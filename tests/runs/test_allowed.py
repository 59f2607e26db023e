"""What a stored configuration may name: a stranger's runs nothing but this project's own and what the user trusts."""

import sys
from pathlib import Path

import pytest

from attnlab.errors import UserError
from attnlab.runs.allowed import check_run, check_targets, check_trusted

pytestmark = pytest.mark.text

MINE = """
import torch
from sympy_like import sympify
from torch import nn

class Attention(nn.Module):
    pass

class Sub:
    load = torch.load
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of the user's own, which imports others."""
    (tmp_path / "my_parts.py").write_text(MINE)
    (tmp_path / "sympy_like.py").write_text("def sympify(text): return eval(text)\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("my_parts", "sympy_like"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "attnlab_x.Evil",
        "attnlab.commands.cli.os.system",
        "attnlab.runs.checkpoint.json.loads",
        "attnlab.data.text.tokenizers.Path",
        "attnlab.runs.train.train",
        "attnlab.data.translation.corpora.fetch",
        "attnlab.tasks.training.schedules.LambdaLR",
        "attnlab.models._hidden",
        "attnlab.models.nosuch",
        "attnlab.tasks.translation.torch.load",
        "torch.load",
        "torch.optim.optimizer.torch.load",
        "torch.optim.lr_scheduler.partial",
        "torch.optim._functional.adam",
        "torch.optim.nosuch",
        "hydra.utils.call",
        "builtins.eval",
        "torch.optim.AdamW.__init__",
        "",
        "eval",
    ],
)
def test_only_listed_targets_are_instantiated(target: str) -> None:
    for check in (check_targets, check_run):
        with pytest.raises(UserError, match="which is not part of attnlab"):
            check({"model": {"layers": [{"_target_": target}]}})


def test_callbacks_and_loggers_are_a_runs_alone() -> None:
    kept = ["attnlab.callbacks.MetricsCSV", "lightning.pytorch.callbacks.EarlyStopping"]
    for target in [*kept, "lightning.pytorch.loggers.CSVLogger", "attnlab.runs.trainer.TrainerSettings"]:
        check_run({"_target_": target})
        with pytest.raises(UserError, match="which is not part of attnlab"):
            check_targets({"_target_": target})
    for target in (
        "lightning.pytorch.Trainer",
        "lightning.pytorch.callbacks.torch.load",
        "lightning.pytorch.callbacks",
    ):
        with pytest.raises(UserError, match="the run would run"):
            check_run({"_target_": target})


def test_the_projects_own_and_torchs_optimizers_and_schedulers_pass() -> None:
    check_targets({"a": {"_target_": "attnlab.attention.AdditiveAttention"}, "b": "text"})
    for name in ("AdamW", "RMSprop", "lr_scheduler.CosineAnnealingLR", "lr_scheduler.ReduceLROnPlateau"):
        check_targets({"_target_": f"torch.optim.{name}"})


@pytest.mark.usefixtures("mine")
def test_what_is_defined_in_a_trusted_package_passes_and_what_it_imports_does_not() -> None:
    check_targets({"_target_": "my_parts.Attention"}, trust=["my_parts"])
    for name in ("sympify", "torch.load", "nn.Linear", "Sub.load", "Attention.load_state_dict"):
        with pytest.raises(UserError, match=r"which is not defined in my_parts$"):
            check_targets({"_target_": f"my_parts.{name}"}, trust=["my_parts"])
    with pytest.raises(UserError, match=r"nothing can be imported as 'my_parts.nosuch' \(of --trust my_parts\)"):
        check_targets({"_target_": "my_parts.nosuch"}, trust=["my_parts"])
    with pytest.raises(UserError, match=r"\(if it is yours: --trust minefield\)"):
        check_targets({"_target_": "minefield.Attention"}, trust=["my_parts"])


@pytest.mark.parametrize(
    "package", ["attnlab", "torch", "os", "builtins", "subprocess", "lightning", "torch.hub", "__main__"]
)
def test_what_is_nobodys_own_is_never_trusted_nor_suggested(package: str) -> None:
    with pytest.raises(UserError) as refused:
        check_targets({"_target_": f"{package}.x"})
    assert "--trust" not in str(refused.value)
    with pytest.raises(UserError, match="only packages of your own can be trusted, got "):
        check_trusted([package])


def test_an_interpolation_is_never_resolved() -> None:
    with pytest.raises(UserError, match="interpolation"):
        check_targets({"model": {"name": "${oc.env:HOME}"}})
    with pytest.raises(UserError, match="interpolation"):
        check_targets({"model": {"${oc.env:HOME}": 3}})


def test_trust_goes_by_the_whole_dotted_name(mine: None) -> None:
    check_targets({"_target_": "my_parts.Attention"}, trust=["my_parts"])
    for narrower in ("my_parts.sub", "my_part"):
        with pytest.raises(UserError, match="not part of attnlab"):
            check_targets({"_target_": "my_parts.Attention"}, trust=[narrower])


@pytest.mark.parametrize("library", ["torchvision", "scipy", "wandb", "matplotlib", "PIL", "yaml"])
def test_libraries_are_nobodys_own(library: str) -> None:
    with pytest.raises(UserError, match="only packages of your own can be trusted"):
        check_trusted([library])
    with pytest.raises(UserError) as refused:
        check_targets({"_target_": f"{library}.Thing"})
    assert "--trust" not in str(refused.value)
