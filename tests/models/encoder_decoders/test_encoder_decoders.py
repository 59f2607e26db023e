"""What holds of every encoder-decoder, whatever attention stands in it."""

import math

import pytest
import torch
import torch.nn.functional as F
from model_examples import CASES, VARIANTS, batch, build

from attnlab.attention import capture_attention
from attnlab.models import Seq2Seq, TextSummarization
from attnlab.models.special_tokens import BOS, EOS, PAD

every_case = pytest.mark.parametrize("variant, mechanism", CASES)
every_variant = pytest.mark.parametrize("variant", VARIANTS)
WITH_ATTENTION = [variant for variant, (kind, _) in VARIANTS.items() if kind is not Seq2Seq]


def gradients(model, source, target):
    """Each parameter's gradient of the loss over real tokens."""
    model.zero_grad()
    labels = torch.where(target[:, 1:] == PAD, -100, target[:, 1:])
    F.cross_entropy(model(source, target[:, :-1]).mT, labels).backward()
    return {name: parameter.grad for name, parameter in model.named_parameters()}


def all_steps(model, state, target):
    """Logits (B, Tt, V), one step after the other."""
    steps = []
    for token in target.unbind(1):
        logits, state = model.step(token, state)
        steps.append(logits)
    return torch.stack(steps, dim=1)


@pytest.mark.text
@every_case
def test_steps_give_the_logits_of_the_teacher_forced_pass(variant, mechanism):
    model = build(variant, mechanism)
    source, target = batch()
    torch.testing.assert_close(all_steps(model, model.start(source), target), model(source, target))


@pytest.mark.text
@every_case
def test_padding_changes_neither_logits_nor_gradients(variant, mechanism):
    model = build(variant, mechanism)
    source, target = batch()
    longer_source, longer_target = F.pad(source, (0, 4)), F.pad(target, (0, 6))
    real = target != PAD
    torch.testing.assert_close(
        model(longer_source, longer_target)[:, : target.shape[1]][real], model(source, target)[real]
    )
    before = gradients(model, source, target)
    after = gradients(model, longer_source, longer_target)
    for name, gradient in before.items():
        torch.testing.assert_close(after[name], gradient, msg=lambda text, name=name: f"{name}: {text}")


@every_case
def test_a_sentence_fares_the_same_alone_as_in_a_batch(variant, mechanism):
    model = build(variant, mechanism)
    source, target = batch()
    logits = model(source, target)
    for row in range(len(source)):
        alone = source[row][source[row] != PAD], target[row][target[row] != PAD]
        torch.testing.assert_close(model(alone[0][None], alone[1][None])[0], logits[row, : len(alone[1])])


@every_case
def test_a_later_target_token_never_changes_an_earlier_logit(variant, mechanism):
    model = build(variant, mechanism)
    source, target = batch()
    logits = model(source, target)
    for position in range(1, target.shape[1]):
        changed = target.clone()
        changed[:, position:] = 17
        torch.testing.assert_close(model(source, changed)[:, :position], logits[:, :position])
        assert not torch.allclose(model(source, changed)[0, position], logits[0, position])


@every_variant
def test_every_earlier_target_token_matters(variant):
    model = build(variant)
    source, target = batch()
    logits = model(source, target)[0, -1]
    for position in range(1, target.shape[1]):
        changed = target.clone()
        changed[:, position] = 17
        assert not torch.allclose(model(source, changed)[0, -1], logits)


@every_case
def test_an_earlier_logit_has_no_gradient_to_a_later_target_token(variant, mechanism):
    model = build(variant, mechanism)
    source, target = batch()
    source, target = source[:1], target[:1]  # no token of this target occurs twice
    for position in range(target.shape[1]):
        model.zero_grad()
        logits = model(source, target)[0, position]
        logits.square().sum().backward()
        reached = model.target_embedding.table.weight.grad[target[0]].abs().sum(1) > 0
        assert reached[position]
        assert not reached[position + 1 :].any()


@every_case
def test_every_real_source_token_matters(variant, mechanism):
    model = build(variant, mechanism)
    source, target = batch()
    logits = model(source, target)
    for position in range(source.shape[1]):
        changed = source.clone()
        changed[:, position] = torch.where(source[:, position] == PAD, PAD, 16)
        moved = (model(changed, target) - logits).abs().amax(2) > 1e-9  # (B, Tt)
        assert moved.all(1).tolist() == (source[:, position] != PAD).tolist()


@every_case
def test_every_parameter_gets_a_gradient(variant, mechanism):
    # DistributedDataParallel waits for ever for a parameter without one.
    for name, gradient in gradients(build(variant, mechanism), *batch()).items():
        assert gradient is not None, name
        assert gradient.isfinite().all(), name


@every_variant
def test_reordering_the_batch_reorders_the_logits(variant):
    model = build(variant)
    source, target = batch()
    order = torch.tensor([2, 0, 1])
    torch.testing.assert_close(model(source[order], target[order]), model(source, target)[order])


@every_case
def test_a_selected_state_goes_on_as_the_rows_it_came_from(variant, mechanism):
    model = build(variant, mechanism)
    source, target = batch()
    state = model.start(source)
    for token in target[:, :2].unbind(1):
        _, state = model.step(token, state)
    for rows in (torch.tensor([2, 2, 0, 1, 0]), torch.tensor([1]), torch.tensor([0, 1, 2])):
        expected = model(source[rows], target[rows])[:, 2:]
        torch.testing.assert_close(all_steps(model, state.select(rows), target[rows][:, 2:]), expected)


@every_variant
def test_a_state_can_be_selected_before_the_first_step_and_twice(variant):
    model = build(variant)
    source, target = batch()
    state = model.start(source).select(torch.tensor([1, 1, 2, 0])).select(torch.tensor([3, 0]))
    torch.testing.assert_close(all_steps(model, state, target[[0, 1]]), model(source[[0, 1]], target[[0, 1]]))


@every_variant
def test_hypotheses_of_one_source_are_reordered_by_select(variant):
    model = build(variant)
    source, target = batch()
    state = model.start(source[[0, 0]])
    _, state = model.step(target[:2, 0], state)
    _, state = model.step(torch.tensor([8, 9]), state)
    swapped = model.step(torch.tensor([4, 4]), state.select(torch.tensor([1, 0])))[0]
    straight = model.step(torch.tensor([4, 4]), state)[0]
    torch.testing.assert_close(swapped, straight[[1, 0]])
    assert not torch.allclose(straight[0], straight[1])


@pytest.mark.text
@every_variant
@pytest.mark.parametrize("tie_embeddings", [False, True])
def test_two_sentences_are_learned_by_heart(variant, tie_embeddings):
    model = build(variant, dim=22, tie_embeddings=tie_embeddings).float().train()
    source = torch.tensor([[7, 12, 5, 9, EOS], [11, 6, EOS, PAD, PAD]])
    target = torch.tensor([[BOS, 7, 12, 5, 9, EOS], [BOS, 11, 6, EOS, PAD, PAD]])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(60):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(source, target[:, :-1]).mT, target[:, 1:], ignore_index=PAD)
        loss.backward()
        optimizer.step()
    assert loss < 0.1


@every_variant
def test_training_starts_near_the_loss_of_chance(variant):
    # A table of the wrong scale, such as an embedding's default tied to the output, starts at ten times that.
    source, target = batch()
    for tie_embeddings in (False, True):
        logits = build(variant, dim=126, tie_embeddings=tie_embeddings)(source, target[:, :-1])
        loss = F.cross_entropy(logits.mT, target[:, 1:], ignore_index=PAD)
        assert abs(loss - math.log(31)) < 2.5


@pytest.mark.text
@every_variant
def test_bfloat16_autocast_trains_and_steps(variant):
    model = build(variant).float()
    source, target = batch()
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(source, target)
        steps = all_steps(model, model.start(source), target)
    # Copying gives log-probabilities, which bfloat16 is too coarse for.
    copies = isinstance(model, TextSummarization) and model.copy
    assert logits.dtype == steps.dtype == (torch.float32 if copies else torch.bfloat16)
    logits.float().square().mean().backward()
    assert all(parameter.grad.isfinite().all() for parameter in model.parameters())
    torch.testing.assert_close(logits.float(), model(source, target), atol=0.1, rtol=0.1)
    torch.testing.assert_close(steps, logits, atol=0.1, rtol=0.1)


@pytest.mark.text
@pytest.mark.parametrize("variant", WITH_ATTENTION)
def test_captured_maps_of_the_source_are_whole(variant):
    # Step by step or at once: one row for each target token, over the real source tokens.
    model = build(variant)
    source, target = batch()
    with capture_attention(model) as maps:
        model(source, target)
    crossing = [maps[path] for path in maps if "cross" in path]
    assert len(crossing) == (2 if "transformer" in variant else 1)
    for weights in crossing:
        assert weights.shape[::2] == (3, 5)
        assert weights.shape[3] == 7
        assert (weights.sum((1, 2)) > 0).tolist() == (source != PAD).tolist()


@pytest.mark.text
@every_variant
def test_tied_and_shared_embeddings_are_one_parameter(variant):
    model = build(variant, tie_embeddings=True, share_embeddings=True, source_vocab_size=31)
    tables = (model.source_embedding.table.weight, model.target_embedding.table.weight, model.output.weight)
    assert len({id(table) for table in tables}) == 1
    separate = build(variant)
    tables = (separate.source_embedding.table.weight, separate.target_embedding.table.weight, separate.output.weight)
    assert len({id(table) for table in tables}) == 3


@every_variant
@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            {"share_embeddings": True, "source_vocab_size": 29},
            r"one vocabulary.*got 29 and 31 tokens \(set model.share_embeddings\)",
        ),
        ({"num_layers": 0}, r"num_layers must be 1 or more, got 0 \(set model.num_layers\)"),
        ({"dropout": 1.0}, r"dropout must lie in \[0, 1\), got 1.0 \(set model.dropout\)"),
        ({"dim": 0}, r"dim must be 1 or more, got 0 \(set model.dim\)"),
    ],
)
def test_a_value_out_of_range_is_refused_with_its_key(variant, arguments, message):
    with pytest.raises(ValueError, match=message):
        build(variant, **arguments)
