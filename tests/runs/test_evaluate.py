"""A checkpoint is evaluated alone, and runs nothing of a stranger's."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from tiny import SIZES, run, write_corpus
from torch import nn

from attnlab.attention import DotAttention, MultiHeadAttention, UniformAttention
from attnlab.commands import cli
from attnlab.errors import UserError
from attnlab.launch.stop import Wish
from attnlab.runs import checkpoint, trainer
from attnlab.runs.ablated_test import ablated_test
from attnlab.runs.checkpoints import Checkpoints
from attnlab.runs.evaluate import check_ablatable
from attnlab.tasks.task import Task

# Lightning asks for workers and warns of its own internals; neither is about this code.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def _forge(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Rewrite the config within a checkpoint, as a stranger could."""
    stored = torch.load(path, weights_only=True)
    config = json.loads(stored[checkpoint.KEY]["config"])
    change(config)
    stored[checkpoint.KEY]["config"] = json.dumps(config)
    torch.save(stored, path)


EVIL = {"_target_": "pathlib.Path.write_text", "_args_": [{"_target_": "pathlib.Path", "_args_": ["evil"]}, "x"]}


@pytest.mark.text
@pytest.mark.parametrize(
    "change, refused",
    [
        (lambda c: c["trainer"].update(EVIL), False),  # not read at all
        (lambda c: c["data"]["corpus"].update(EVIL), True),
        (lambda c: c["data"].update(root="${oc.env:HOME}"), True),
        # Neither is made, so neither is asked for.
        (lambda c: c["task"]["optimizer"].update(_target_="attnlab.data.translation.corpora.fetch"), False),
        (lambda c: c["task"]["scheduler"].update(_target_="no.such.schedule"), False),
        (lambda c: c["model"].update(EVIL), True),
    ],
)
def test_evaluating_a_strangers_checkpoint_runs_nothing_of_theirs(
    corpus: Path, capsys: pytest.CaptureFixture[str], change: Callable[[dict[str, Any]], None], refused: bool
) -> None:
    assert run(corpus, "output_dir=run", "trainer.max_steps=1") == 0
    capsys.readouterr()
    _forge(Path("run/checkpoints/best.ckpt"), change)
    assert cli.main(["evaluate", "run"]) == (2 if refused else 0)
    assert not Path("evil").exists()
    if refused:
        assert "the checkpoint" in capsys.readouterr().err


def test_a_run_goes_on_and_is_scored_in_the_precision_it_began_in_on_a_machine_with_another(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["output_dir=run", "trainer.precision=auto", "trainer.max_steps=4"]
    with pytest.MonkeyPatch.context() as patch:  # as on a GPU
        patch.setattr(trainer, "resolve_precision", lambda *_: "bf16-mixed")
        patch.setattr(Checkpoints, "_agreed", lambda self, trainer: Wish(int(trainer.global_step == 3)))
        assert run(corpus, *more) == 130
    assert run(corpus, *more) == 0
    found = json.loads(Path("run/metrics.json").read_text())
    assert found["precision"] == "bf16-mixed"
    capsys.readouterr()
    assert cli.main(["evaluate", "run", "--json"]) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert again.items() >= (found["test"] | {"num_examples": SIZES["test"]}).items()
    assert cli.main(["evaluate", "run", "--json", "trainer.precision=32-true"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["loss"] != found["test"]["loss"]


def test_a_lone_test_file_is_scored_with_the_runs_vocabulary(
    corpus: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(corpus, "output_dir=run", "trainer.max_steps=1") == 0
    found = json.loads(Path("run/metrics.json").read_text())["test"]
    (tmp_path / "alone").mkdir()
    for side in ("en", "es"):
        (tmp_path / "alone" / f"test.{side}").write_bytes((corpus / f"test.{side}").read_bytes())
    capsys.readouterr()
    assert cli.main(["evaluate", "run", "--json", f"data.root={tmp_path / 'alone'}"]) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert again.items() >= (found | {"num_examples": SIZES["test"]}).items()


def test_ablated_scores_stand_beside_the_trained_ones(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(corpus, "output_dir=run", "attention=additive", "optimizer.lr=0.03") == 0
    capsys.readouterr()
    assert cli.main(["evaluate", "run", "--json"]) == 0
    trained = json.loads(capsys.readouterr().out)
    assert cli.main(["evaluate", "run", "--json", "--ablate"]) == 0
    printed = capsys.readouterr()
    both = json.loads(printed.out)
    assert "all weights even in 1 place of attention\n" in printed.err
    ablated = both.pop("ablated")
    assert both == trained
    assert ablated.keys() == trained.keys() - {"num_examples", "of_examples", "warnings", "signatures"}
    assert ablated["loss"] != trained["loss"]
    record = json.loads(Path("run/metrics.json").read_text())
    found = ablated_test(Path("run"), [], checksum=record["data"]["checksum"])
    assert found == (record["test"], ablated, None)


def test_what_is_tested_is_said_in_chinese_where_that_is_asked_for(
    corpus: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(corpus, "output_dir=run", "attention=additive", "trainer.max_steps=1") == 0
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    capsys.readouterr()
    assert cli.main(["evaluate", "run", "--ablate"]) == 0
    said = capsys.readouterr().err
    assert f"测试 run：测试集的 {SIZES['test']} 个样本，来自 " in said
    assert "再测一次，把 1 处注意力的权重都变为均匀" in said
    assert "testing " not in said


def test_a_model_whose_attention_learns_nothing_is_not_ablated() -> None:
    def asked(core: type[nn.Module]) -> None:
        shell = MultiHeadAttention(6, num_heads=2, core=core, role="self", max_length=5)
        predictor = SimpleNamespace(modules={"tagger": nn.Sequential(shell)})
        check_ablatable(cast("Task[Any]", SimpleNamespace(predictor=predictor, model=shell)))

    asked(DotAttention)
    with pytest.raises(
        UserError, match="only attention that learns can be made even, got MultiHeadAttention, where all"
    ):
        asked(UniformAttention)


def test_a_model_without_attention_is_not_ablated(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(corpus, "output_dir=run", "model=seq2seq", "trainer.max_steps=1") == 0
    capsys.readouterr()
    assert cli.main(["evaluate", "run", "--ablate"]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error == (
        "error: only attention that has weights can be made even, got Seq2Seq, which has none here (drop --ablate)"
    )
