"""The recurrent parts of the sequence-to-sequence models: cells, encoder, bridge and readout."""

from contextlib import nullcontext
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from attnlab.errors import below_one, between
from attnlab.models.layers.mirror import mirror_index, reorder

Cell = Literal["gru", "lstm"]


class Recurrent(nn.Module):
    """A stack of GRU (Cho et al., 2014) or LSTM (Hochreiter & Schmidhuber, 1997) layers behind one kind of state.

    The state is a tuple of tensors (L, B, D): the hidden state and, for an LSTM, the memory cell.
    `dropout` acts between layers. Inputs (B, T, input_dim) -> (B, T, D) and the state after the last of them.
    """

    def __init__(self, input_dim: int, dim: int, *, cell: Cell, num_layers: int = 1, dropout: float = 0.0) -> None:
        super().__init__()
        if cell not in get_args(Cell):
            raise ValueError(f"cell must be gru or lstm, got {cell!r} (set model.cell)")
        below_one("model", dropout=dropout)
        self.num_states = 1 if cell == "gru" else 2
        kind = nn.GRU if cell == "gru" else nn.LSTM
        self.cells = kind(input_dim, dim, num_layers, batch_first=True, dropout=dropout if num_layers > 1 else 0.0)

    def forward(self, inputs: Tensor, state: tuple[Tensor, ...] | None = None) -> tuple[Tensor, tuple[Tensor, ...]]:
        # On CPU autocast slows a recurrence's many small products: 1.5x for a GRU of width 256, forward and backward.
        with torch.autocast("cpu", enabled=False) if inputs.device.type == "cpu" else nullcontext():
            dtype = self.cells.get_parameter("weight_ih_l0").dtype
            inputs = inputs.to(dtype)
            parts = None if state is None else tuple(part.to(dtype) for part in state)
            outputs, after = self.cells(inputs, parts[0] if parts is not None and self.num_states == 1 else parts)
        return outputs, after if self.num_states == 2 else (after,)


class RecurrentEncoder(nn.Module):
    """Annotates each source token with what stands before it and, if `bidirectional`, after it.

    memory_t = [forward h_t; backward h_t]        (Bahdanau et al., 2015, section 3.2)

    Each direction has width D, so the memory has `output_dim` D or 2 D. Padding, which must be on the right, changes
    nothing: the forward net meets it last, the backward net reads each sentence reversed within its own length.
    (B, T, input_dim), by default D, and a mask (B, T) -> memory (B, T, output_dim), zero at padding, and each layer's
    annotation at the end of its reading, (L, B, output_dim).
    """

    def __init__(
        self,
        dim: int,
        *,
        cell: Cell,
        num_layers: int,
        bidirectional: bool,
        dropout: float,
        input_dim: int | None = None,
    ) -> None:
        super().__init__()
        between(1, 1000, "model", num_layers=num_layers)
        below_one("model", dropout=dropout)
        self.output_dim = dim * (2 if bidirectional else 1)
        in_dims = [dim if input_dim is None else input_dim] + [self.output_dim] * (num_layers - 1)
        self.forward_nets = nn.ModuleList(Recurrent(in_dim, dim, cell=cell) for in_dim in in_dims)
        self.backward_nets = nn.ModuleList(Recurrent(in_dim, dim, cell=cell) for in_dim in in_dims if bidirectional)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        last = mask.sum(1).sub(1).clamp(min=0)  # (B,)
        mirrored = mirror_index(mask)  # (B, T)
        rows = torch.arange(mask.size(0), device=mask.device)
        ends = []
        for depth, forward_net in enumerate(self.forward_nets):
            x = self.dropout(x) if depth else x
            annotations, _ = forward_net(x)
            end = annotations[rows, last]
            if self.backward_nets:
                reversed_annotations, _ = self.backward_nets[depth](reorder(x, mirrored))
                annotations = torch.cat([annotations, reorder(reversed_annotations, mirrored)], dim=2)
                end = torch.cat([end, reversed_annotations[rows, last]], dim=1)
            x = annotations
            ends.append(end)
        return x.masked_fill(~mask.unsqueeze(2), 0.0), torch.stack(ends)


class Bridge(nn.Module):
    """s_0 = tanh(W h_end + b) for each layer and each part of the state        (after Bahdanau et al., 2015, A.2.2)

    Differs from the paper: reads the ends of both directions. An LSTM's memory cell starts from the annotations too,
    since the fused net doesn't give its value at the end of a padded sentence.
    (L, B, encoder_dim) -> a state of (L, B, D) tensors.
    """

    def __init__(self, encoder_dim: int, dim: int, num_states: int) -> None:
        super().__init__()
        self.projections = nn.ModuleList(nn.Linear(encoder_dim, dim) for _ in range(num_states))

    def forward(self, ends: Tensor) -> tuple[Tensor, ...]:
        return tuple(torch.tanh(projection(ends)) for projection in self.projections)


class Readout(nn.Module):
    """h = tanh(W [c; s] + b), with dropout: context and decoder state in one vector        (Luong et al., 2015, eq. 5)

    c and s (B, T, D) -> (B, T, D).
    """

    def __init__(self, dim: int, *, dropout: float) -> None:
        super().__init__()
        below_one("model", dropout=dropout)
        self.mix = nn.Linear(2 * dim, dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, context: Tensor, state: Tensor) -> Tensor:
        mixed: Tensor = self.dropout(torch.tanh(self.mix(torch.cat([context, state], dim=2))))
        return mixed
