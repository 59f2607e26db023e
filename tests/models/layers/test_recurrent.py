"""The recurrent parts, against torch's own handling of padded sentences and against loops."""

import pytest
import torch
from model_examples import FACTORIES, SIZES, batch, build
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from attnlab.models import AttentionSeq2Seq, Seq2Seq
from attnlab.models.layers.recurrent import Recurrent, RecurrentEncoder

pytestmark = pytest.mark.text

DIM = 11


def padded_batch():
    """(3, 7, 11) inputs and the mask of lengths 7, 2, 5."""
    torch.manual_seed(2)
    mask = torch.arange(7) < torch.tensor([[7], [2], [5]])
    return torch.randn(3, 7, DIM, dtype=torch.float64), mask


def packed_reference(encoder, cell, num_layers, x, mask):
    """A bidirectional net of torch's over packed sentences, with the encoder's weights: memory and ends."""
    kind = torch.nn.GRU if cell == "gru" else torch.nn.LSTM
    reference = kind(DIM, DIM, num_layers, batch_first=True, bidirectional=True).double()
    for depth in range(num_layers):
        for net, suffix in ((encoder.forward_nets[depth], ""), (encoder.backward_nets[depth], "_reverse")):
            for name, weight in net.cells.named_parameters():
                getattr(reference, name.replace("_l0", f"_l{depth}{suffix}")).data.copy_(weight.data)
    packed = pack_padded_sequence(x, mask.sum(1), batch_first=True, enforce_sorted=False)
    outputs, state = reference(packed)
    hidden = state if cell == "gru" else state[0]  # (2 L, B, D)
    memory, _ = pad_packed_sequence(outputs, batch_first=True)
    return memory, torch.cat([hidden[0::2], hidden[1::2]], dim=2)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_encoder_equals_torchs_bidirectional_net_over_packed_sentences(cell, num_layers):
    encoder = RecurrentEncoder(DIM, cell=cell, num_layers=num_layers, bidirectional=True, dropout=0.0).double()
    x, mask = padded_batch()
    memory, ends = encoder(x, mask)
    expected_memory, expected_ends = packed_reference(encoder, cell, num_layers, x, mask)
    torch.testing.assert_close(memory, expected_memory)
    torch.testing.assert_close(ends, expected_ends)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_an_annotation_reads_what_follows_only_if_bidirectional(bidirectional):
    encoder = RecurrentEncoder(DIM, cell="gru", num_layers=1, bidirectional=bidirectional, dropout=0.0).double()
    x, mask = padded_batch()
    x.requires_grad_()
    memory, ends = encoder(x, mask)
    assert memory.shape == (3, 7, encoder.output_dim)
    assert ends.shape == (1, 3, encoder.output_dim)
    [gradient] = torch.autograd.grad(memory[2, 2].sum(), x, retain_graph=True)
    reached = gradient.abs().sum(2) > 0
    assert reached[2].tolist() == [True] * 3 + [bidirectional] * 2 + [False] * 2
    assert not reached[:2].any()
    [gradient] = torch.autograd.grad(ends[0, 2].sum(), x)
    assert ((gradient.abs().sum(2) > 0)[2] == mask[2]).all()


def test_a_source_of_padding_alone_gives_an_empty_memory_and_no_nan():
    encoder = RecurrentEncoder(DIM, cell="lstm", num_layers=2, bidirectional=True, dropout=0.0)
    memory, ends = encoder(torch.randn(2, 3, DIM), torch.tensor([[True, True, False], [False, False, False]]))
    assert (memory[1] == 0).all()
    assert ends.isfinite().all()


@pytest.mark.parametrize("cell, num_states", [("gru", 1), ("lstm", 2)])
def test_recurrent_net_goes_on_from_its_state(cell, num_states):
    net = Recurrent(DIM, 5, cell=cell, num_layers=3).double()
    x, _ = padded_batch()
    whole, end = net(x)
    first, state = net(x[:, :4])
    second, last = net(x[:, 4:], state)
    assert len(state) == net.num_states == num_states
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)
    torch.testing.assert_close(last, end)
    assert last[0].shape == (3, 3, 5)


def test_unknown_cell_is_refused():
    with pytest.raises(ValueError, match=r"cell must be gru or lstm, got 'rnn' \(set model.cell\)"):
        Recurrent(DIM, DIM, cell="rnn")


def test_dropout_between_layers_acts_in_training_alone():
    encoder = RecurrentEncoder(DIM, cell="gru", num_layers=2, bidirectional=True, dropout=0.5).double()
    x, mask = padded_batch()
    assert not torch.equal(encoder(x, mask)[0], encoder(x, mask)[0])
    encoder.eval()
    assert torch.equal(encoder(x, mask)[0], encoder(x, mask)[0])


def test_input_feeding_lets_the_past_attentional_vector_into_the_decoder():
    # The very first step has nothing to be fed; the next must see what the first one attended to.
    source, target = batch()
    for feeding in (False, True):
        model = build("attention_gru", input_feeding=feeding, bidirectional=False)
        state = model.start(source)
        _, state = model.step(target[:, 0], state)
        state.vector.requires_grad_()
        logits, _ = model.step(target[:, 1], state)
        [gradient] = torch.autograd.grad(logits.sum(), state.vector, allow_unused=True)
        assert (gradient is not None) == feeding


def test_baseline_reads_its_source_through_the_context_too():
    source, target = batch()
    model = build("seq2seq_gru")
    state = model.start(source)
    for token in target.unbind(1):
        _, state = model.step(token, state)
        state.context.requires_grad_()
    logits, _ = model.step(target[:, 0], state)
    [gradient] = torch.autograd.grad(logits.sum(), state.context)
    assert (gradient != 0).all()


@pytest.mark.parametrize("cell, gates", [("gru", 3), ("lstm", 4)])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_baseline_is_about_as_large_as_the_model_with_attention(cell, gates, bidirectional):
    dim = 64
    arguments = {**SIZES, "dim": dim, "cell": cell, "bidirectional": bidirectional}
    baseline = sum(p.numel() for p in Seq2Seq(**arguments).parameters())
    model = AttentionSeq2Seq(attention=FACTORIES["scaled_dot"], **arguments)
    attention = sum(p.numel() for p in model.parameters())
    memory_dim = model.encoder.output_dim
    projections = (dim + 1) * dim * 2 + (memory_dim + 1) * dim * 2  # query, output, key, value
    assert attention - baseline == projections - ((memory_dim + 1) * dim + gates * dim * dim)
    assert abs(attention - baseline) <= 1.05 * dim * dim
