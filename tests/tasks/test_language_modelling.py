"""Language modelling: what is scored, and runs from the command on."""

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from fork_server import ForkServer
from lightning.pytorch import Trainer
from records_agree import assert_records_agree
from same_run import assert_in_mid_pass, assert_same_run
from tiny_language import run, tiny, write_corpus
from tiny_tasks import build_tiny, config_of

from attnlab.commands import cli
from attnlab.data import LanguageBatch, LanguageModellingDataModule, LetterTokenizer, TextFiles
from attnlab.data.language.batch import IGNORED
from attnlab.errors import UserError
from attnlab.launch.stop import Wish
from attnlab.models.special_tokens import PAD, UNK
from attnlab.runs.checkpoints import Checkpoints

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

FEW = ("data.max_length=64", "trainer.max_steps=1", "callbacks=none")
FAR = ("model.positions=none", "attention=alibi", "data.max_length=64")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def _metrics(folder: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(folder, "metrics.json").read_text())
    return found


def _task(*overrides: str) -> Any:
    config = config_of("language_modelling", "model.positions=none", "data.max_length=64", *overrides)
    return build_tiny("language_modelling", config).eval()


def _batch(length: int = 64, real: int = 50) -> LanguageBatch:
    """Two blocks, of which the second has targets in its first `real` places."""
    draw = torch.Generator().manual_seed(5)
    tokens = torch.randint(4, 262, (2, length), generator=draw)
    targets = torch.randint(4, 262, (2, length), generator=draw)
    tokens[1, real:], targets[1, real:] = PAD, IGNORED
    return LanguageBatch(torch.tensor([3, 5]), tokens, targets, (targets != IGNORED).long() * 2)


@torch.no_grad()
def test_scores_are_of_each_target_once_in_contexts_as_in_training() -> None:
    task, batch = _task(), _batch()
    rows = task._evaluate(batch, "test")
    losses = torch.stack(
        [
            torch.nn.functional.cross_entropy(
                task.model(batch.tokens[:, start : start + 16]).transpose(1, 2),
                batch.targets[:, start : start + 16],
                reduction="none",
                ignore_index=IGNORED,
            )
            for start in range(0, 64, 16)
        ]
    ).sum(dim=(0, 2))
    torch.testing.assert_close(rows["loss"], torch.stack([losses, torch.tensor([64.0, 50.0])], dim=1))
    torch.testing.assert_close(rows["bits_per_byte"][:, 0], losses / math.log(2))
    assert rows["bits_per_byte"][:, 1].tolist() == [128.0, 100.0]
    parts = [values for name, values in rows.items() if name.startswith("loss_at_")]
    assert [name for name in rows if name.startswith("loss_at_")] == [f"loss_at_{2**k}" for k in range(5)]
    torch.testing.assert_close(sum(parts), rows["loss"])
    assert [int(part[0, 1]) for part in parts] == [4, 4, 8, 16, 32]  # of four contexts of 16


@torch.no_grad()
@pytest.mark.parametrize("length", [16, 23])
def test_bits_a_byte_of_a_uniform_model_are_the_same_whatever_is_unknown(length: int) -> None:
    task, batch = _task(), _batch(length, real=11)
    for parameter in task.model.parameters():
        parameter.zero_()
    batch.targets[0, 3:9] = UNK
    rows = task._evaluate(batch._replace(bytes=(batch.targets > UNK).long()), "test")
    each = math.log2(task.codec.sizes["vocab_size"])
    expected = torch.tensor([[each * known, known] for known in (length - 6, 11)])
    torch.testing.assert_close(rows["bits_per_byte"], expected)
    torch.testing.assert_close(rows["loss"][:, 1], torch.tensor([length, 11.0]))
    batch.targets[batch.targets != IGNORED] = UNK
    nothing = task._evaluate(batch._replace(bytes=torch.zeros_like(batch.targets)), "test")
    assert not nothing["bits_per_byte"].any()


@torch.no_grad()
def test_a_longer_context_changes_nothing_but_what_stands_behind_a_shorter_one() -> None:
    task, batch = _task(), _batch()
    near, read = task._in_pieces(batch, 16).losses, task._in_pieces(batch, 32)
    far = read.losses
    assert (near.shape, far.shape) == ((2, 4, 16), (2, 2, 32))
    torch.testing.assert_close(far[:, :, :16], near[:, ::2])
    assert not torch.allclose(far[0, :, 16:], near[0, 1::2])
    beyond = task._by_position(read, beyond=16)
    assert list(beyond) == ["loss_at_32"]
    torch.testing.assert_close(beyond["loss_at_32"][:, 0], far[:, :, 16:].sum(dim=(1, 2)))


@torch.no_grad()
@pytest.mark.parametrize("length", [7, 16, 23])
def test_blocks_of_any_length_are_read(length: int) -> None:
    task, batch = _task(), _batch(length, real=5)
    losses, real, hits, _ = task._in_pieces(batch, 16)
    assert losses.shape == real.shape == hits.shape
    assert real.sum() == length + 5
    assert not losses[~real].any()


@torch.no_grad()
def test_texts_that_are_apart_are_scored_as_alone_by_their_own_positions() -> None:
    task, batch = _task(), _batch()
    lengths = [[7, 25, 32], [40, 24]]
    numbers = [[number for number, length in enumerate(row, 1) for _ in range(length)] for row in lengths]
    rows = task._evaluate(batch._replace(segments=torch.tensor(numbers)), "test")
    for row, own in enumerate(lengths):
        ends = [place for place in range(1, 65) if place % 16 == 0 or place in torch.tensor(own).cumsum(0).tolist()]
        pieces = [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
        losses = [
            torch.nn.functional.cross_entropy(
                task.model(batch.tokens[row : row + 1, piece])[0],
                batch.targets[row, piece],
                reduction="none",
                ignore_index=IGNORED,
            )
            for piece in pieces
        ]
        torch.testing.assert_close(rows["loss"][row, 0], torch.cat(losses).sum())
        first = [each[0] for each, piece in zip(losses, pieces, strict=True) if row == 0 or piece.start < 50]
        torch.testing.assert_close(rows["loss_at_1"][row], torch.tensor([float(sum(first)), float(len(first))]))
    parts = [values for name, values in rows.items() if name.startswith("loss_at_")]
    torch.testing.assert_close(sum(parts), rows["loss"])


def test_of_a_block_the_longest_text_is_gone_on_with_where_texts_are_apart() -> None:
    task, batch = _task(), _batch(16, real=16)
    segments = torch.tensor([0] * 3 + [1] * 8 + [2] * 5)
    found = task._written(0, batch.tokens[0], batch.targets[0], segments)
    assert found["details"]["ids"][:4] == batch.tokens[0, 3:7].tolist()
    assert found["details"]["num_given"] == 4
    assert found["target"] == task.codec.continuation(batch.tokens[0, 3:11].tolist(), 4)


def test_a_run_keeps_texts_apart_from_the_command_on(corpus: Path) -> None:
    given = ("data.texts_apart=true", "data.corpus.val=b.txt", "callbacks=none", "trainer.max_steps=2")
    assert run(corpus, "output_dir=run", *given) == 0
    assert_records_agree(Path("run"), some_answered=True)


class ReadsOn(torch.nn.Module):
    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return tokens


def test_a_model_that_isnt_told_texts_is_refused_where_they_are_to_be_apart() -> None:
    task = _task()
    corpus = TextFiles(train="a.txt", val=None, test=None)
    for apart in (True, False):
        data = LanguageModellingDataModule(corpus, LetterTokenizer, texts_apart=apart)
        task._trainer = SimpleNamespace(datamodule=data)
        task.setup("fit")
        if apart:
            task.networks["model"] = task.model = ReadsOn()
            with pytest.raises(UserError, match=r"takes segments, got ReadsOn.*\(set data\.texts_apart=false\)"):
                task.setup("fit")


@pytest.mark.text
def test_a_run_is_scored_near_and_far_and_goes_on_with_texts(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(corpus, "output_dir=run", *FAR) == 0
    scores, data = _metrics("run")["test"], _metrics("run")["data"]
    at = {f"loss_at_{2**k}" for k in range(7)}
    assert set(scores) == {"loss", "perplexity", "accuracy", "bits_per_byte", "loss_2x", "loss_4x"} | at
    assert scores["perplexity"] == pytest.approx(math.exp(scores["loss"]))
    nats = scores["loss"] * data["tokens"]["test"]
    assert scores["bits_per_byte"] == pytest.approx(nats / math.log(2) / data["bytes"]["test"])
    assert_records_agree(Path("run"), some_answered=True)
    lines = [json.loads(line) for line in Path("run/predictions.jsonl").read_text().splitlines()]
    assert len(lines) == 2
    assert all(len(each["details"]["ids"]) <= 16 and each["target"] for each in lines)
    assert len(list(Path("run/maps").glob("test_*.png"))) == 2
    capsys.readouterr()
    assert cli.main(["predict", "run", "one tw", "--num", "3", "--seed", "5", "--json", "--map", "map.png"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len({each["output"] for each in answers}) > 1
    assert all(len(each["details"]["log_probs"]) <= 7 for each in answers)
    assert Path("map.png").is_file()
    assert cli.main(["evaluate", "run", "--json", "trainer.precision=32-true"]) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {name: again[name] for name in scores} == pytest.approx(scores, rel=1e-5)
    for asked, said in (
        (["--top-p", "2"], "top_p must be 1 or less, got 2.0 (set --top-p)"),
        (["--temperature", "-1"], "temperature must be 0 or more, got -1.0 (set --temperature)"),
        (["--num", "0"], "--num must be from 1 to 10000, got 0 (set --num)"),
        (["--max-tokens", "0"], "--max-tokens must be from 1 to 1048576, got 0"),
        (["--class", "cat"], "generates no images, got --class cat"),
    ):
        assert cli.main(["predict", "run", "one", *asked]) == 2
        assert said in capsys.readouterr().err


def test_a_list_of_files_is_read_from_the_command_on(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for names, said in (
        ("[a.txt,none.txt]", "a text file must exist, got "),
        ("[a.txt,3]", "data.corpus.train must be text or a list (each text), got ['a.txt', 3] (set data.corpus.train)"),
        ("[]", "train must be a file or a list of files, got [] (set data.corpus.train)"),
    ):
        assert run(corpus, "output_dir=run", f"data.corpus.train={names}") == 2
        assert said in capsys.readouterr().err


def test_learned_positions_are_tested_near_alone_and_that_is_said(corpus: Path) -> None:
    assert run(corpus, "output_dir=run", *FEW, "model.positions=learned") == 0
    metrics = _metrics("run")
    assert not any(name.endswith("x") for name in metrics["test"])
    said = {each["kind"]: each["message"] for each in metrics["warnings"]}
    assert "blocks of 64 tokens are tested in contexts of 16 alone" in said["longer_contexts_left_out"]


def test_an_interrupted_run_ends_with_the_same_bits(corpus: Path) -> None:
    """Interrupted in mid-epoch: weights, curves, scores and predictions are the same."""
    given = tiny(corpus, "model.dropout=0.3", "callbacks=none")
    assert cli.main([*given, "output_dir=whole"]) == 0

    def agreed(self: Checkpoints, trainer: Trainer) -> Wish:
        now = trainer.global_step == 5 and not trainer.validating
        return Wish.STOP if now else Wish.GO_ON

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "_agreed", agreed)
        assert cli.main([*given, "output_dir=parts"]) == 130
    assert_in_mid_pass(Path("parts"))
    assert cli.main(["train", "resume=parts"]) == 0
    assert_same_run(Path("whole"), Path("parts"))


@pytest.mark.parametrize(
    "given",
    [
        pytest.param([], id="texts as one"),
        pytest.param(
            [
                "data.texts_apart=true",
                "data.corpus.val=b.txt",
                "attention=gated_deltanet",
                "model.positions=none",
                "model.kernel_size=3",
            ],
            id="texts apart, of a state",
        ),
    ],
)
def test_two_processes_score_as_one(
    server: ForkServer, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], given: list[str]
) -> None:
    command = tiny(corpus, "output_dir=run", "trainer.accelerator=cpu", "trainer.devices=2", "callbacks=none", *given)
    for attempt in server.start_two([*command, "trainer.strategy=ddp", "trainer.max_steps=2"], tmp_path):
        assert attempt.wait() == 0, (tmp_path / "output.txt").read_text()
    metrics = _metrics("run")
    assert metrics["devices"] == "2 x cpu"
    assert metrics["test_examples"]["scored"] == metrics["test_examples"]["of"]
    assert_records_agree(Path("run"), some_answered=True)
    assert cli.main(["evaluate", "run", "--json", "trainer.precision=32-true"]) == 0
    again = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {name: again[name] for name in metrics["test"]} == pytest.approx(metrics["test"], rel=1e-5)


@pytest.mark.parametrize(
    "override, message",
    [
        ("task.num_samples=17", r"num_samples must be 16 or less, got 17 \(set task\.num_samples\)"),
        ("task.max_tokens=0", r"max_tokens must be 1 or more, got 0 \(set task\.max_tokens\)"),
        ("task.temperature=-1", r"temperature must be 0 or more, got -1 \(set task\.temperature\)"),
        ("task.top_p=0", r"top_p must be above 0, got 0 \(set task\.top_p\)"),
        ("task.monitor=val/bleu", r"monitor must be one of val/loss, val/perplexity, val/bits_per_byte, val/accuracy"),
        ("attention=linformer", r"got refusals from all: decoder"),
        ("model.positions=relative", r"positions must be"),
    ],
)
def test_what_cant_be_is_one_line(override: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        build_tiny("language_modelling", config_of("language_modelling", override))
