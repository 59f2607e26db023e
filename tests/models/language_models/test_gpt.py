"""What holds of language models with attention."""

from typing import Any

import pytest
import torch
from model_examples import FACTORIES

from attnlab.attention import RoleError
from attnlab.models import GPT

SIZES = {"vocab_size": 29, "context_length": 13, "max_length": 17, "dim": 12, "num_heads": 2, "num_layers": 2}


def build(mechanism: str = "scaled_dot", **changes: Any) -> GPT:
    torch.manual_seed(3)
    arguments: dict[str, Any] = SIZES | {"feed_forward_dim": 19} | changes
    return GPT(**arguments, attention=FACTORIES[mechanism]).double().eval()


def tokens(length: int = 11) -> torch.Tensor:
    return torch.randint(4, 29, (3, length), generator=torch.Generator().manual_seed(5))


@pytest.mark.parametrize(
    "mechanism",
    ["scaled_dot", "rotary", "linear", "latent", "local", "alibi", "uniform", "forgetting", "gated_deltanet", "rwkv7"],
)
@pytest.mark.parametrize("positions", ["sinusoidal", "none"])
def test_reading_on_from_a_state_gives_the_logits_of_the_whole(mechanism: str, positions: str) -> None:
    model, ids = build(mechanism, positions=positions), tokens()
    whole = model(ids)
    first, state = model.advance(ids[:, :5])
    parts = [first]
    for place in range(5, 11):
        logits, state = model.advance(ids[:, place : place + 1], state)
        parts.append(logits)
    torch.testing.assert_close(torch.cat(parts, dim=1), whole)
    assert state.length == 11


@pytest.mark.parametrize("mechanism", ["scaled_dot", "deltanet"])
def test_a_short_convolution_reads_on_too(mechanism: str) -> None:
    model, ids = build(mechanism, kernel_size=3), tokens()
    _, state = model.advance(ids[:, :4])
    rest, _ = model.advance(ids[[2, 0], 4:], state.select(torch.tensor([2, 0])))
    torch.testing.assert_close(rest, model(ids)[[2, 0], 4:])


def test_a_state_follows_its_sequences() -> None:
    model, ids = build(), tokens()
    _, state = model.advance(ids[:, :7])
    chosen = torch.tensor([2, 0, 2])
    logits, _ = model.advance(ids[chosen, 7:8], state.select(chosen))
    torch.testing.assert_close(logits[:, 0], model(ids)[chosen, 7])


def test_no_later_token_moves_a_prediction() -> None:
    model, ids = build(), tokens()
    later = ids.clone()
    later[:, 6:] = 4
    torch.testing.assert_close(model(later)[:, :6], model(ids)[:, :6])


def test_learned_positions_end_with_the_context() -> None:
    assert build(positions="learned").max_length == 13
    assert build(positions="sinusoidal").max_length == build(positions="none").max_length == 17
    with pytest.raises(ValueError, match=r"at most 13 tokens long, got 14 \(set data\.context_length"):
        build(positions="learned")(tokens(14))


def test_the_output_is_the_embedding_where_tied() -> None:
    tied, free = build(), build(tie_embeddings=False)
    assert tied.output.weight is tied.embedding.table.weight
    assert free.output.weight is not free.embedding.table.weight


@pytest.mark.parametrize(
    "key, value",
    [
        ("positions", "relative"),
        ("num_layers", 0),
        ("dropout", 1.0),
        ("dim", 0),
        ("context_length", -1),
        ("max_length", 0),
    ],
)
def test_a_value_out_of_its_range_is_refused_with_its_key(key: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"set model\.{key}"):
        build(**{key: value})


def test_an_attention_that_isnt_causal_is_refused() -> None:
    with pytest.raises(ValueError, match="got refusals from all: decoder"):
        build("linformer")


def causal(name: str) -> bool:
    try:
        FACTORIES[name](12, num_heads=2, role="causal", max_length=17)
    except RoleError:
        return False
    return True


CAUSAL = [name for name in FACTORIES if causal(name)]
TEXTS = [[1, 5, 7], [13], [6, 7]]  # tokens of each, a row after the other


def packed() -> torch.Tensor:
    return torch.tensor([[number for number, length in enumerate(row) for _ in range(length)] for row in TEXTS])


@pytest.mark.parametrize("mechanism", CAUSAL)
def test_a_text_is_read_as_alone_whatever_stands_before_it(mechanism: str) -> None:
    """And trains the model as alone."""
    model, ids = build(mechanism, kernel_size=3), tokens(13)
    parts = [part for row, lengths in zip(ids, TEXTS, strict=True) for part in row.split(lengths)]
    alone = [model(part[None])[0] for part in parts]
    logits = model(ids, packed())
    torch.testing.assert_close(logits.flatten(0, 1), torch.cat(alone), atol=1e-11, rtol=0)
    parameters = [each for each in model.parameters() if each.requires_grad]
    draw = torch.randn(39, 29, dtype=torch.float64, generator=torch.Generator().manual_seed(7))
    found, expected = (
        torch.autograd.grad((each * draw).sum(), parameters) for each in (logits.flatten(0, 1), torch.cat(alone))
    )
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("mechanism", ["scaled_dot", "kda"])
@pytest.mark.parametrize("positions", ["learned", "none"])
def test_positions_begin_anew_with_a_text(mechanism: str, positions: str) -> None:
    model, ids = build(mechanism, positions=positions), tokens(13)
    torch.testing.assert_close(model(ids, packed())[2, 6:], model(ids[2:, 6:])[0])
    assert torch.equal(model(ids, packed() * 0 + 3), model(ids, torch.zeros_like(ids)))
    torch.testing.assert_close(model(ids, torch.zeros_like(ids)), model(ids))
