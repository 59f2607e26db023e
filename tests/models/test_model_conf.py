"""conf/model as a user composes it: every file builds, and a slot takes a mechanism of its own."""

import inspect

import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from model_examples import CONF, batch
from omegaconf import OmegaConf

from attnlab.models import AttentionSeq2Seq, Seq2Seq, TextSummarization, Transformer

KINDS = {
    "attention_seq2seq": AttentionSeq2Seq,
    "seq2seq": Seq2Seq,
    "text_summarization": TextSummarization,
    "transformer": Transformer,
}


def composed(tmp_path, *overrides):
    """The model's node, composed through a task that chooses a model, as in conf/task."""
    (tmp_path / "task").mkdir()
    (tmp_path / "task" / "some.yaml").write_text("# @package _global_\ndefaults:\n  - /model: attention_seq2seq\n")
    (tmp_path / "main.yaml").write_text(
        "defaults:\n  - task: some\n  - attention: scaled_dot\n  - _self_\n"
        f"hydra: {{searchpath: ['file://{CONF}']}}\n"
        "data: {max_source_length: 17, max_target_length: 19}\n"
    )
    with initialize_config_dir(str(tmp_path), version_base="1.3"):
        return compose("main", overrides=list(overrides)).model


@pytest.mark.parametrize("name", KINDS)
def test_every_key_is_an_argument_and_every_default_agrees(tmp_path, name):
    node = OmegaConf.to_container(composed(tmp_path, f"model={name}"), resolve=True)
    parameters = inspect.signature(KINDS[name]).parameters
    given = {key: value for key, value in node.items() if not key.startswith("_")}
    assert set(given) | {"source_vocab_size", "target_vocab_size"} == set(parameters)
    for key, value in given.items():
        if parameters[key].default is not inspect.Parameter.empty:
            assert value == parameters[key].default, key


@pytest.mark.parametrize("name", KINDS)
def test_every_file_builds_a_model_that_runs(tmp_path, name):
    factory = instantiate(composed(tmp_path, f"model={name}", "model.dim=12"))
    sizes = {"source_vocab_size": 31 if name == "text_summarization" else 29, "target_vocab_size": 31}
    model = factory(**sizes)
    assert type(model) is KINDS[name]
    assert (model.max_source_length, model.max_target_length) == (17, 19)
    source, target = batch()
    assert model(source, target).shape == (3, 5, 31)
    with torch.device("meta"):  # what counting a model's parameters costs
        assert next(factory(**sizes).parameters()).is_meta


def test_the_chosen_attention_and_a_slots_own_reach_the_model(tmp_path):
    overrides = [
        "model=transformer",
        "attention=additive",
        "attention@model.cross_attention=uniform",
        "model.cross_attention.dropout=0.5",
        "model.dim=12",
    ]
    model = instantiate(composed(tmp_path, *overrides))(source_vocab_size=29, target_vocab_size=31)
    assert model.slots == {"encoder": "additive", "decoder": "additive", "cross": "uniform"}
    assert [layer.cross_attention.dropout for layer in model.decoder] == [0.5] * 3
    assert [layer.self_attention.dropout for layer in model.decoder] == [0.0] * 3
