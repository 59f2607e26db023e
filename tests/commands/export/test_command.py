"""`attnlab export`: what is written computes what the model does, at any length, or it isn't written."""

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_tasks import build_tiny, config_of, store
from torch import nn

from attnlab.commands import cli
from attnlab.commands.export import command, programs
from attnlab.commands.export.forms import Form, form_of
from attnlab.config.compose import compose_run, options
from attnlab.errors import UserError
from attnlab.reporting.typed_files import ONNX, TORCH_GRAPH, check_typed
from attnlab.runs import build

TRANSFORMER = ["model=transformer", "model.dim=12", "model.num_heads=3", "model.num_layers=1"]
TAGGER = ["model=transformer_tagger", "model.dim=12", "model.num_heads=3", "model.num_layers=1"]
VIT = ["model=vit", "model.dim=12", "model.num_heads=3", "model.num_layers=1", "model.patch_size=7"]
POOLED = ["model=attention_object_detection", "model.dim=12", "model.num_heads=3", "model.stage_channels=[16,24]"]
LSTM = ["model=lstm_lm", "model.dim=12"]
ON_GRIDS = {"axial_rotary", "mixed_rotary", "neighbourhood", "swin"}
# Each model once, and settings that change its pass.
MODELS: dict[str, tuple[str, list[str]]] = {
    "attention_seq2seq": ("translation", ["model=attention_seq2seq", "attention=additive"]),
    "attention_seq2seq, lstm": ("translation", ["model=attention_seq2seq", "model.cell=lstm", "model.num_layers=2"]),
    "seq2seq": ("translation", ["model=seq2seq"]),
    "transformer": ("translation", TRANSFORMER),
    "text_summarization": ("summarization", ["model=text_summarization"]),
    "gpt": ("language_modelling", ["model=gpt"]),
    "lstm_lm": ("language_modelling", LSTM),
    "ner_model": ("ner", ["model=ner_model"]),
    "ner_model, backward": ("ner", ["model=ner_model", "model.direction=backward", "model.character_dim=7"]),
    "bilstm_crf": ("ner", ["model=bilstm_crf"]),
    "transformer_tagger": ("ner", TAGGER),
    "attention_image_classification": ("image_classification", ["model=attention_image_classification"]),
    "resnet": ("image_classification", ["model=resnet", "feature_attention=cbam", "feature_attention.reduction=4"]),
    "axial_resnet": ("image_classification", ["model=axial_resnet", "model.num_heads=1"]),
    "vit": ("image_classification", VIT),
    "detr": ("object_detection", ["model=detr"]),
    "attention_object_detection": ("object_detection", POOLED),
    "dcgan": ("image_generation", ["model=dcgan"]),
    "sagan": ("image_generation", ["model=sagan", "model.conditional=true"]),
    "attention_gan": ("image_generation", ["model=attention_gan"]),
}


def _form(task: str, overrides: list[str]) -> Form:
    if overrides in (POOLED, LSTM):  # detr's and gpt's sizes aren't theirs
        config = build.plain(compose_run([f"task={task}", *overrides]))
    else:
        config = config_of(task, *overrides)
    return form_of(build_tiny(task, config).eval().predictor)


# By substitution in a triangular system, which ONNX hasn't: torch's own graphs alone hold them.
SOLVED = ("deltanet", "gated_deltanet", "kda", "rwkv7")
LACKING = (
    r"^this model has a graph, but ONNX hasn't all its operations: it lacks aten\.linalg_solve_triangular "
    r"\(use --torch-export\)$"
)


def _exported(form: Form) -> float:
    """How far the ONNX graph is from the model."""
    return programs.exported(form, programs.as_onnx, programs.onnx_graph).difference


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = config_of("ner", *TAGGER)
    return store(tmp_path_factory.mktemp("tagger") / "run.ckpt", build_tiny("ner", config), config)


def test_a_file_is_written_once_it_agrees(tagger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", str(tagger), "--torch-export", "out/model.pt2"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:3] == ["input  words (batch, words)", "input  characters (batch, words, letters)", "output emissions"]
    assert said[-1] == "wrote out/model.pt2"
    check_typed(Path("out/model.pt2"), TORCH_GRAPH, option="--torch-export")  # it may be written again
    longest = f"checked up to words {_form('ner', TAGGER).most['words']}, letters 64; what is longer the file may run, "
    assert any(line.startswith(longest) for line in said)
    graph = torch.export.load("out/model.pt2").module()
    form = _form("ner", TAGGER)
    inputs = form.examples({"batch": 4, "words": 9, "letters": 6}, torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(graph(*inputs), form.network(*inputs), atol=1e-4, rtol=1e-3)


@pytest.mark.usefixtures("in_chinese")
def test_what_is_written_is_said_in_chinese_where_that_is_wanted(
    tagger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["export", str(tagger), "--torch-export", "model.pt2"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "输入 words (batch, words)"
    assert said[2] == "输出 emissions"
    assert said[3].startswith("核对到 words ")
    assert re.fullmatch(r"以 \d 种大小核对过：最多相差 \d\.\de[-+]\d\d", said[4])
    assert said[5:] == ["已写出 model.pt2"]


def test_onnxruntime_runs_what_is_written_at_any_length(tagger: Path) -> None:
    pytest.importorskip("onnxruntime")
    assert cli.main(["export", str(tagger), "--onnx", "model.onnx"]) == 0
    check_typed(Path("model.onnx"), ONNX, option="--onnx")  # it may be written again
    graph = pytest.importorskip("onnx").load("model.onnx").graph
    axes = {
        each.name: [axis.dim_param or axis.dim_value for axis in each.type.tensor_type.shape.dim]
        for each in (*graph.input, *graph.output)
    }
    assert axes["words"] == ["batch", "words"]
    assert axes["characters"] == ["batch", "words", "letters"]
    assert axes["emissions"][:2] == ["batch", "words"]


def test_a_graph_that_computes_something_else_is_refused() -> None:
    form = _form("image_classification", [])

    def wrong(inputs: Any) -> list[torch.Tensor]:
        return [form.network(*inputs) + 0.1]

    with pytest.raises(UserError, match=r"the graph must compute what the model does, got logits 0.1 apart at batch 1"):
        programs.greatest_difference(wrong, form)


class _Counting(nn.Module):
    """Goes by the very length."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.stack([row.sum() for row in x])


def test_what_has_no_graph_for_any_length_is_refused_in_one_line() -> None:
    form = Form(
        network=_Counting(),
        inputs={"x": ("batch", 5)},
        most={"batch": 99},
        outputs=("y",),
        examples=lambda at, draw: (torch.randn(at["batch"], 5, generator=draw),),
    )
    with pytest.raises(UserError, match="this model has no graph for any length, got ") as caught:
        programs.exported(form, programs.as_torch, programs.torch_graph)
    assert "\n" not in str(caught.value)


class _Solving(nn.Module):
    """By substitution, as the mechanisms that are `SOLVED`."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.linalg.solve_triangular(torch.eye(5), x, upper=False, unitriangular=True)


def test_of_what_onnx_hasnt_the_operation_is_named() -> None:
    form = Form(
        network=_Solving(),
        inputs={"x": ("batch", 5, 3)},
        most={"batch": 99},
        outputs=("y",),
        examples=lambda at, draw: (torch.randn(at["batch"], 5, 3, generator=draw),),
    )
    with pytest.raises(UserError, match=LACKING):
        programs.as_onnx(form)


@pytest.mark.parametrize(
    "task, overrides, said",
    [
        ("translation", ["model.input_feeding=true"], "AttentionSeq2Seq with input_feeding makes one a word"),
        ("summarization", ["model.coverage=true"], r"got model.coverage=true \(train with model.coverage=false\)"),
    ],
)
def test_a_model_that_goes_word_by_word_is_refused(task: str, overrides: list[str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        _form(task, overrides)


def test_what_cannot_be_is_one_line(
    tagger: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "NEEDED", ("nosuch_package",))
    for arguments, said in (
        (["nosuch", "--torch-export", "a.pt2"], "no such run folder or checkpoint, got nosuch"),
        ([str(tagger)], "attnlab export needs one of --onnx, --torch-export, got none"),
        (
            [str(tagger), "--onnx", "a.onnx"],
            "got no nosuch_package (run: pip install -e '.[export]' in attnlab's checkout",
        ),
        ([str(tagger), "--onnx", "a.pt2"], "got a.pt2 (set --onnx a.onnx or --torch-export a.pt2)"),
        ([str(tagger), "--onnx", "a.pt2x"], "--onnx writes a file that ends in .onnx, got a.pt2x (set --onnx a.onnx)"),
        ([str(tagger), "--torch-export", "a"], "ends in .pt2, got a (set --torch-export a.pt2)"),
        ([str(tagger), "--torch-export", "."], "a graph is a file, got the folder . (set --torch-export)"),
        ([str(tagger), "--torch-export", "/proc/new/a.pt2"], "nothing can be made there (set --torch-export)"),
    ):
        assert cli.main(["export", *arguments]) == 2
        printed = capsys.readouterr().err
        assert said in printed
        assert printed.count("\n") == 1


@pytest.mark.export
@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_exported(name: str) -> None:
    assert _exported(_form(*MODELS[name])) < 1e-3


@pytest.mark.export
@pytest.mark.parametrize("name", options("attention"))
def test_every_mechanism_is_exported(name: str) -> None:
    """In a Transformer, where it stands in as many roles as it can serve; of patches, where it minds places."""
    task, overrides = ("image_classification", VIT) if name in ON_GRIDS else ("translation", TRANSFORMER)
    form = _form(task, [*overrides, f"attention={name}"])
    if name in SOLVED:
        with pytest.raises(UserError, match=LACKING):
            _exported(form)
        assert programs.exported(form, programs.as_torch, programs.torch_graph).difference < 1e-3
        return
    assert _exported(form) < 1e-3
