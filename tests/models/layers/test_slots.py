"""Which mechanism stands where: the chosen, the overriding, the fallback, and the refusals."""

import re
from functools import partial

import pytest
from model_examples import CROSS_REFUSALS, FACTORIES, build

from attnlab.attention import AdditiveAttention, MultiHeadAttention, RoleError, ScaledDotAttention, UniformAttention
from attnlab.models.layers.slots import mechanism_name

ADDITIVE, UNIFORM = FACTORIES["additive"], FACTORIES["uniform"]


def picky(*refused):
    """A mechanism, additive by name, that refuses some roles."""

    def core(*, role, **arguments):
        if role in refused:
            raise RoleError(f"picky attention can't be {role}")
        return AdditiveAttention(role=role, **arguments)

    return partial(MultiHeadAttention, core=core)


def test_the_chosen_mechanism_stands_in_every_slot():
    assert build("transformer_pre_norm", "additive").slots == dict.fromkeys(["encoder", "decoder", "cross"], "additive")
    assert build("attention_gru", "additive").slots == {"cross": "additive"}
    assert build("seq2seq_gru").slots == {}


def test_scaled_dot_stands_in_where_the_chosen_mechanism_cannot():
    model = build("transformer_pre_norm", attention=picky("causal", "cross"))
    assert model.slots == {"encoder": "additive", "decoder": "scaled_dot", "cross": "scaled_dot"}
    assert all(isinstance(layer.attention.core, AdditiveAttention) for layer in model.encoder)
    assert all(isinstance(layer.self_attention.core, ScaledDotAttention) for layer in model.decoder)


@pytest.mark.parametrize("slot", ["encoder", "decoder", "cross"])
def test_an_override_reaches_its_slot_alone(slot):
    model = build("transformer_pre_norm", "additive", **{f"{slot}_attention": UNIFORM})
    assert model.slots == {**dict.fromkeys(["encoder", "decoder", "cross"], "additive"), slot: "uniform"}
    cores = [module.core for module in model.modules() if isinstance(module, MultiHeadAttention)]
    assert sum(isinstance(core, UniformAttention) for core in cores) == 2  # one a layer


def test_an_override_reaches_the_recurrent_model():
    assert build("attention_gru", "additive", cross_attention=UNIFORM).slots == {"cross": "uniform"}


def test_a_refused_override_is_not_replaced():
    with pytest.raises(RoleError, match="picky attention can't be causal"):
        build("transformer_pre_norm", decoder_attention=picky("causal"))


def test_a_mechanism_that_fits_no_slot_is_refused_with_all_reasons():
    message = (
        r"must fit some slot.*encoder: picky attention can't be self; decoder: picky attention can't be causal; "
        r"cross: picky attention can't be cross \(set attention\)"
    )
    with pytest.raises(ValueError, match=message):
        build("transformer_pre_norm", attention=picky("self", "causal", "cross"))
    with pytest.raises(ValueError, match=r"cross: picky attention can't be cross \(set attention\)"):
        build("attention_gru", attention=picky("cross"))


@pytest.mark.parametrize("mechanism", CROSS_REFUSALS)
def test_the_recurrent_model_passes_on_why_a_mechanism_cannot_cross(mechanism):
    with pytest.raises(ValueError, match=re.escape(f"cross: {CROSS_REFUSALS[mechanism]}")):
        build("attention_gru", mechanism)
    assert build("transformer_pre_norm", mechanism).slots["cross"] == "scaled_dot"


def test_overrides_elsewhere_do_not_save_a_mechanism_that_fits_nowhere():
    with pytest.raises(ValueError, match="encoder: picky attention can't be self; decoder"):
        build("transformer_pre_norm", attention=picky("self", "causal"), cross_attention=ADDITIVE)


def test_a_mechanism_overridden_everywhere_need_not_fit():
    overrides = dict.fromkeys(["encoder_attention", "decoder_attention", "cross_attention"], ADDITIVE)
    model = build("transformer_pre_norm", attention=picky("self", "causal", "cross"), **overrides)
    assert set(model.slots.values()) == {"additive"}


def test_a_bad_value_is_no_refusal():
    with pytest.raises(ValueError, match="divisible by the heads, got dim 12 and 5 heads"):
        build("transformer_pre_norm", num_heads=5)


def test_every_layer_has_attention_of_its_own_with_the_lengths_of_its_slot():
    seen = []

    def core(*, role, max_length, **arguments):
        seen.append((role, max_length))
        return AdditiveAttention(role=role, max_length=max_length, **arguments)

    build("transformer_pre_norm", attention=partial(MultiHeadAttention, core=core))
    # 17 source tokens; BOS and 19 target tokens; across, whichever is more.
    assert seen == [("self", 17)] * 2 + [("causal", 20)] * 2 + [("cross", 20)] * 2


@pytest.mark.parametrize("kind, name", [(AdditiveAttention, "additive"), (ScaledDotAttention, "scaled_dot")])
def test_a_mechanism_is_named_as_its_file(kind, name):
    attention = MultiHeadAttention(6, num_heads=2, core=kind, role="self", max_length=5)
    assert mechanism_name(attention) == name


def test_attention_beside_the_shell_is_named_by_itself_and_not_by_the_core_within():
    slots = build("transformer_pre_norm", "latent").slots
    assert slots == dict.fromkeys(["encoder", "decoder", "cross"], "latent")
