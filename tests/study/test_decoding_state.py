from dataclasses import replace
from functools import partial

import pytest
import torch

from attnlab.attention import (
    ForgettingAttention,
    LatentAttention,
    MultiHeadAttention,
    RetnetAttention,
    ScaledDotAttention,
    UniformAttention,
)
from attnlab.models import GPT, LSTMLM, AttentionSeq2Seq, Seq2Seq, Transformer, ViT
from attnlab.models.layers.slots import SCALED_DOT
from attnlab.study.decoding_state import StateBytes, state_bytes

DIM, LAYERS, FLOAT = 12, 3, 4
SIZES = {"source_vocab_size": 11, "target_vocab_size": 13, "max_source_length": 9, "max_target_length": 9, "dim": DIM}


@pytest.mark.parametrize("device", ["meta", "cpu"])
def test_a_transformer_keeps_keys_and_values_of_each_layer(device: str) -> None:
    with torch.device(device):
        model = Transformer(attention=SCALED_DOT, num_layers=LAYERS, num_heads=2, **SIZES).eval()
    each = LAYERS * 2 * DIM * FLOAT
    assert state_bytes(model, device=device) == StateBytes(fixed=0, per_written_token=each, per_source_token=each)


def test_what_is_the_same_tensor_counts_once() -> None:
    """A mechanism without keys keeps values alone, and one with latents these."""
    with torch.device("meta"):
        uniform = partial(MultiHeadAttention, core=UniformAttention)
        model = Transformer(attention=uniform, num_layers=LAYERS, num_heads=2, **SIZES).eval()
        latent = Transformer(
            attention=partial(LatentAttention, latent_dim=5), num_layers=LAYERS, num_heads=2, **SIZES
        ).eval()
    found, of_latent = state_bytes(model, device="meta"), state_bytes(latent, device="meta")
    assert found is not None
    assert found.per_written_token == LAYERS * DIM * FLOAT
    assert of_latent is not None
    assert of_latent.per_written_token == LAYERS * 5 * FLOAT


def test_a_recurrent_decoder_keeps_its_state_and_the_source() -> None:
    with torch.device("meta"):
        attending = AttentionSeq2Seq(attention=SCALED_DOT, cell="lstm", **SIZES).eval()
        without = Seq2Seq(**SIZES).eval()
    # The state, the memory cell and the last attentional vector.
    assert state_bytes(attending, device="meta") == StateBytes(3 * DIM * FLOAT, 0, 2 * DIM * FLOAT)
    assert state_bytes(without, device="meta") == StateBytes(2 * DIM * FLOAT, 0, 0)


TEXTS = {"vocab_size": 11, "context_length": 7, "max_length": 7, "dim": DIM, "num_layers": LAYERS}
PAIR = 2 * DIM * FLOAT  # a key and a value
BEFORE = 2 * DIM * FLOAT  # inputs of a convolution over three


@pytest.mark.parametrize(
    "core, kept",
    [
        (ScaledDotAttention, StateBytes(0, LAYERS * PAIR, LAYERS * PAIR)),
        (UniformAttention, StateBytes(0, LAYERS * PAIR // 2, LAYERS * PAIR // 2)),
        (ForgettingAttention, StateBytes(0, LAYERS * (PAIR + 2 * FLOAT), LAYERS * (PAIR + 2 * FLOAT))),  # and a gate
        (RetnetAttention, StateBytes(LAYERS * DIM**2 // 2 * FLOAT, 0, 0)),  # S of two heads
    ],
)
def test_a_language_model_keeps_what_grows_or_a_state_that_doesnt(core: type, kept: StateBytes) -> None:
    model = GPT(attention=partial(MultiHeadAttention, core=core), num_heads=2, **TEXTS).eval()
    assert state_bytes(model, device="cpu") == kept
    filtered = GPT(attention=partial(MultiHeadAttention, core=core), num_heads=2, kernel_size=3, **TEXTS).eval()
    assert state_bytes(filtered, device="cpu") == replace(kept, fixed=kept.fixed + LAYERS * BEFORE)


def test_an_lstm_keeps_its_state_whatever_it_reads() -> None:
    model = LSTMLM(**TEXTS).eval()
    assert state_bytes(model, device="cpu") == StateBytes(LAYERS * 2 * DIM * FLOAT, 0, 0)


def test_of_a_model_that_reads_one_token_nothing_grows() -> None:
    model = GPT(attention=SCALED_DOT, num_heads=2, positions="learned", **TEXTS | {"context_length": 1}).eval()
    assert state_bytes(model, device="cpu") is None


def test_what_stands_beside_keys_and_values_counts() -> None:
    with torch.device("meta"):
        plain, forgetting = (
            Transformer(attention=each, num_layers=LAYERS, num_heads=2, **SIZES).eval()
            for each in (SCALED_DOT, partial(MultiHeadAttention, core=ForgettingAttention))
        )
    found, without = state_bytes(forgetting, device="meta"), state_bytes(plain, device="meta")
    assert found is not None
    assert without is not None
    assert found.per_written_token - without.per_written_token == LAYERS * 2 * FLOAT  # a gate a head


def test_a_model_that_writes_nothing_keeps_nothing() -> None:
    with torch.device("meta"):
        model = ViT(attention=SCALED_DOT, num_classes=3, in_channels=1, height=8, width=8, dim=DIM, num_heads=2)
    assert state_bytes(model, device="meta") is None
