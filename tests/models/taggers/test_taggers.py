"""What holds of every tagger, whatever attention stands in it."""

import pytest
import torch
import torch.nn.functional as F
from model_examples import FACTORIES
from tagger_examples import CASES, DIRECTIONS, REFUSALS, SIZES, VARIANTS, batch, build

from attnlab.attention import capture_attention
from attnlab.models import BiLSTMCRF, NERModel, TransformerTagger
from attnlab.models.special_tokens import PAD, UNK
from attnlab.models.taggers.label_scores import IndependentLabels

every_case = pytest.mark.parametrize("variant, mechanism, direction", CASES)
every_variant = pytest.mark.parametrize("variant", VARIANTS)
KINDS = {"ner_model": NERModel, "bilstm_crf": BiLSTMCRF, "transformer_tagger": TransformerTagger}


def loss(model, words, characters, labels):
    mask = words != PAD
    return model.label_scores(model(words, characters), labels, mask).sum() / mask.sum()


def gradients(model, *inputs):
    model.zero_grad()
    loss(model, *inputs).backward()
    return {name: parameter.grad for name, parameter in model.named_parameters()}


@pytest.mark.text
@every_case
def test_padding_changes_neither_emissions_nor_gradients(variant, mechanism, direction):
    model = build(variant, mechanism, direction)
    words, characters, labels = batch()
    longer = F.pad(words, (0, 4)), F.pad(characters, (0, 3, 0, 4)), F.pad(labels, (0, 4), value=-100)
    real = words != PAD
    torch.testing.assert_close(model(*longer[:2])[:, :7][real], model(words, characters)[real])
    before, after = gradients(model, words, characters, labels), gradients(model, *longer)
    for name, gradient in before.items():
        torch.testing.assert_close(after[name], gradient, msg=lambda text, name=name: f"{name}: {text}")


@every_case
def test_a_sentence_fares_the_same_alone_as_in_a_batch(variant, mechanism, direction):
    """Attention over the batch, into which a library's sequence-first default leads, would fail here."""
    model = build(variant, mechanism, direction)
    words, characters, labels = batch()
    mask = words != PAD
    together = model(words, characters)
    decoded = model.label_scores.decode(together, mask)
    losses = model.label_scores(together, labels, mask)
    for row, length in enumerate(mask.sum(1).tolist()):
        alone = model(words[row : row + 1, :length], characters[row : row + 1, :length])
        torch.testing.assert_close(alone[0], together[row, :length])
        ones = mask[row : row + 1, :length]
        assert model.label_scores.decode(alone, ones)[0].tolist() == decoded[row, :length].tolist()
        torch.testing.assert_close(model.label_scores(alone, labels[row : row + 1, :length], ones)[0], losses[row])


@every_case
def test_a_label_depends_on_the_words_that_its_direction_lets_it_see(variant, mechanism, direction):
    """By value and by gradient: forward, on none after it; backward, on none before it."""
    model = build(variant, mechanism, direction)
    words, characters, _ = batch()
    emissions = model(words, characters)
    seen = {"bidirectional": lambda i, j: True, "forward": lambda i, j: j <= i, "backward": lambda i, j: j >= i}
    for j in range(words.shape[1]):
        changed = words.clone()
        changed[:, j] = torch.where(words[:, j] == PAD, PAD, 17)
        moved = (model(changed, characters) - emissions).abs().amax(2) > 1e-12  # (B, T)
        for row, i in (words != PAD).nonzero().tolist():
            if not seen[direction](i, j) or words[row, j] == PAD:
                assert not moved[row, i], f"label {i} depends on word {j}"
    for i in range(7):
        model.zero_grad()
        model(words[:1], characters[:1])[0, i].square().sum().backward()
        reached = model.features.embedding.table.weight.grad[words[0]].abs().sum(1) > 0
        assert reached[i]
        assert not any(reached[j] for j in range(7) if not seen[direction](i, j))


@pytest.mark.parametrize("variant", [variant for variant in VARIANTS if variant != "bilstm_crf"])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_decoded_labels_too_depend_on_nothing_that_the_direction_hides(variant, direction):
    """Not so of a conditional random field, nor of the best sequence of independent labels, as is asserted last."""
    model = build(variant, direction=direction)
    words, characters, _ = batch()
    mask = words != PAD
    emissions, whole = model(words, characters), IndependentLabels(SIZES["num_labels"])
    decoded = model.label_scores.decode(emissions, mask)
    for word in (17, 21):  # neither the first word of a sentence nor the last
        changed = words.clone()
        for row, length in enumerate(mask.sum(1).tolist()):
            place, seen = (length - 1, slice(0, length - 1)) if direction == "forward" else (0, slice(1, length))
            changed[row, place] = word
            found = model(changed, characters)
            assert not torch.equal(found[row, place], emissions[row, place])
            assert model.label_scores.decode(found, mask)[row, seen].tolist() == decoded[row, seen].tolist()
    # Urging scores, under which the best sequence looks ahead.
    urging = torch.randn(211, 7, SIZES["num_labels"], generator=torch.Generator().manual_seed(2)) * 3
    other, everything = urging.clone(), torch.ones(211, 7, dtype=torch.bool)
    place, seen = (6, slice(0, 6)) if direction == "forward" else (0, slice(1, 7))
    other[:, place] = other[:, place].flip(1)
    for scores, equal in ((model.label_scores, True), (whole, False)):
        one, two = scores.decode(urging, everything), scores.decode(other, everything)
        assert torch.equal(one[:, seen], two[:, seen]) == equal


@every_variant
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_every_word_that_may_be_seen_is_seen(variant, direction):
    model = build(variant, direction=direction)
    words, characters, _ = batch()
    emissions = model(words, characters)[0]
    for j in range(7):
        changed = words.clone()
        changed[0, j] = 17
        moved = (model(changed, characters)[0] - emissions).abs().amax(1) > 1e-12
        expected = {"bidirectional": range(7), "forward": range(j, 7), "backward": range(j + 1)}[direction]
        assert moved.nonzero().flatten().tolist() == list(expected)


@every_variant
def test_a_backward_model_is_a_forward_one_on_the_mirrored_sentence(variant):
    forward, backward = build(variant, direction="forward"), build(variant, direction="backward")
    words, characters, _ = batch()
    mirrored = forward(words[:1].flip(1), characters[:1].flip(1)).flip(1)
    torch.testing.assert_close(backward(words[:1], characters[:1]), mirrored)


@pytest.mark.text
@every_variant
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_maps_come_out_in_the_sentences_own_order(variant, direction):
    model = build(variant, direction=direction)
    words, characters, _ = batch()
    with capture_attention(model) as maps:
        model(words[:1], characters[:1])
    assert maps
    for weights in maps.values():
        weights = model.reading.arrange_map(weights)[0].sum(0)  # (Tq, Tk), in the sentence's order
        may = {
            "bidirectional": torch.ones(7, 7),
            "forward": torch.ones(7, 7).tril(),
            "backward": torch.ones(7, 7).triu(),
        }
        assert ((weights > 0) == may[direction].bool()).all()


@every_case
def test_every_parameter_gets_a_gradient(variant, mechanism, direction):
    # DistributedDataParallel waits for ever for a parameter without one.
    for name, gradient in gradients(build(variant, mechanism, direction), *batch()).items():
        assert gradient is not None, name
        assert gradient.isfinite().all(), name


@pytest.mark.text
@pytest.mark.parametrize("variant", ["ner_model", "bilstm_crf", "transformer_tagger"])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_bfloat16_autocast_trains(variant, direction):
    model = build(variant, direction=direction).float().train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = loss(model, *batch())
    assert value.dtype == torch.float32
    value.backward()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("variant", ["ner_model_without_net", "bilstm_crf", "transformer_tagger"])
def test_letters_tell_unknown_words_apart(variant):
    model = build(variant)
    words = torch.full((1, 2), UNK)
    characters = torch.tensor([[[2, 9, 4], [5, 7, 0]]])
    emissions = model(words, characters)
    assert not torch.allclose(emissions, model(words, characters.flip(1)))


def test_without_letters_they_are_not_read():
    model = build("ner_model")
    words, characters, _ = batch()
    assert torch.equal(model(words, characters), model(words, torch.zeros_like(characters)))


@pytest.mark.parametrize("variant, slots", [("ner_model", 1), ("bilstm_crf", 1), ("transformer_tagger", 2)])
def test_the_mechanism_stands_in_the_slot(variant, slots):
    model = build(variant, "additive")
    assert model.slots == {"sentence": "additive"}
    with capture_attention(model) as maps:
        model(*batch()[:2])
    assert len(maps) == slots
    assert all(weights.shape == (3, 2, 7, 7) for weights in maps.values())


@pytest.mark.parametrize("kind", KINDS.values())
@pytest.mark.parametrize("mechanism", sorted(REFUSALS["causal"]))
def test_a_mechanism_that_needs_the_whole_sentence_is_refused_in_one_direction(kind, mechanism):
    with pytest.raises(ValueError, match=r"must fit some slot .* sentence: .* \(set attention\)"):
        kind(**SIZES, attention=FACTORIES[mechanism], direction="forward", dim=12)


# What can't be


@pytest.mark.parametrize(
    "variant, change, message",
    [
        ("ner_model", {"direction": "sideways"}, r"bidirectional, forward, backward, got 'sideways' .*model.direction"),
        ("ner_model", {"dim": 13, "num_heads": 1}, r"must be even, .* got 13 \(set model.dim\)"),
        ("bilstm_crf", {"dim": 13, "num_heads": 1}, r"must be even, .* got 13 \(set model.dim\)"),
        ("ner_model", {"num_layers": -1}, r"got -1 \(set model.num_layers\)"),
        ("bilstm_crf", {"num_layers": 0}, r"got 0 \(set model.num_layers\)"),
        ("transformer_tagger", {"num_layers": 0}, r"got 0 \(set model.num_layers\)"),
        ("ner_model", {"cell": "rnn"}, r"got 'rnn' \(set model.cell\)"),
        ("bilstm_crf", {"character_dim": -1}, r"got -1 \(set model.character_dim\)"),
        ("transformer_tagger", {"dropout": 1.0}, r"got 1.0 \(set model.dropout\)"),
        ("ner_model", {"word_dropout": -0.1}, r"got -0.1 \(set model.word_dropout\)"),
        ("bilstm_crf", {"num_labels": 8}, r"O and a B and an I for each type, got 8"),
        ("ner_model", {"dim": 0, "num_heads": 1}, r"got 0 \(set model.dim\)"),
    ],
)
def test_a_value_out_of_range_is_named(variant, change, message):
    with pytest.raises(ValueError, match=message):
        build(variant, **change)


@pytest.mark.parametrize("variant", ["ner_model", "bilstm_crf", "transformer_tagger"])
def test_a_sentence_that_is_too_long_is_refused(variant):
    with pytest.raises(ValueError, match=r"at most 17 words long, got 18 \(set data.max_length\)"):
        build(variant)(torch.full((1, 18), 5), torch.full((1, 18, 2), 3))
