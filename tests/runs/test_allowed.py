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
    with pytest.raises(UserError, match=r"yours: --trust minefield; nothing here lies in the trusted my_parts\)$"):
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


@pytest.mark.parametrize(
    "target", [5, None, True, ["os.system"], {"_target_": "os.system"}, "torch.optim." + "a." * 999]
)
def test_what_is_no_name_names_nothing(target: object) -> None:
    with pytest.raises(UserError, match=r"^the (run|checkpoint)'s config names no class by .* \(at model\.x\[1\]\)$"):
        check_targets({"model": {"x": ["text", {"_target_": target}]}})
    with pytest.raises(UserError, match="names no class by"):
        check_run({"callbacks": {"x": {"_args_": [{"_partial_": True, "_target_": target}]}}})


@pytest.mark.parametrize(
    "target",
    [
        "torch.optim..AdamW", "torch.optim.\0.X", "torch.optim/adam.Adam", "torch.optim.AdamW\n", " torch.optim.AdamW",
        "torch.optim.\ud800", "torch.optim.lr_scheduler.ＬambdaLR", "ｔorch.optim.AdamW", "attnlab.data.", ".", "...",
        "lightning.pytorch.callbacks..", "torch.optim.swa_utils.AveragedModel", "attnlab.tasks.PREDICTORS",
        "attnlab.callbacks.import_module", "lightning.pytorch.callbacks.progress.rich_progress.Console",
        "hydra_plugins.evil.Launcher", "builtins.__import__", "omegaconf.OmegaConf.register_new_resolver",
        "hydra.core.hydra_config.HydraConfig", "logging.FileHandler", "attnlab.data.__class__", "attnlab.__main__.main",
        "attnlab.models.ViT.__init__.__globals__", "attnlab.runs.instantiation.in_parts", "conftest.x",
        "torch.optim.AdamW.__subclasses__", "attnlab.attention.AdditiveAttention.load_state_dict",
    ],
)  # fmt: skip
def test_no_spelling_leads_elsewhere(target: str) -> None:
    with pytest.raises(UserError, match="which is not part of attnlab"):
        check_run({"model": [{"_partial_": True, "_target_": target}]})


def test_a_name_that_only_looks_like_a_library_is_not_suggested() -> None:
    with pytest.raises(UserError) as refused:
        check_targets({"_target_": "tоrch.nn.Linear"})  # a Cyrillic о
    assert "--trust" not in str(refused.value)


REACHED = """
import collections, contextlib, functools, os
import torch
from torch import nn
from torch.hub import load as fetched

shell = functools.partial(os.system)
wrapped = functools.wraps(os.system)(lambda *a: None)
table = {"run": os.system}
name = os.name

class Model(nn.Module):
    run = staticmethod(os.system)
    hub = torch.hub

class Case(nn.Linear):
    pass
"""


@pytest.mark.parametrize(
    "name",
    [
        "os.system", "shell", "wrapped", "table.get", "table.__class__", "name", "name.format", "fetched", "nn",
        "Model.run", "Model.hub.load", "Model.__init__.__globals__.get", "Model.__subclasses__", "Model.mro",
        "Model.__class__", "Model.forward", "Model.apply", "Case.reset_parameters", "torch.nn.modules.sys.modules",
        "functools.partial", "contextlib.contextmanager", "collections.abc.sys.exit", "__builtins__", "__loader__",
        "__spec__.loader.load_module", "Case.__init__", "Case.__mro__",
    ],
)  # fmt: skip
def test_nothing_is_reached_through_a_trusted_package(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_reached.py").write_text(REACHED)
    monkeypatch.syspath_prepend(tmp_path)
    check_targets({"_target_": "my_reached.Model"}, trust=["my_reached"])
    with pytest.raises(UserError, match=r"not defined in my_reached$|nothing can be imported as"):
        check_targets({"_target_": f"my_reached.{name}"}, trust=["my_reached"])
