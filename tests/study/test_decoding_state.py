from functools import partial

import pytest
import torch

from attnlab.attention import LatentAttention, MultiHeadAttention, UniformAttention
from attnlab.models import AttentionSeq2Seq, Seq2Seq, Transformer, ViT
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


def test_a_model_that_writes_nothing_keeps_nothing() -> None:
    with torch.device("meta"):
        model = ViT(attention=SCALED_DOT, num_classes=3, in_channels=1, height=8, width=8, dim=DIM, num_heads=2)
    assert state_bytes(model, device="meta") is None
