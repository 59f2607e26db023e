"""The recurrent encoder-decoder without attention: the baseline."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from attnlab.models.encoder_decoders.encoder_decoder import source_mask
from attnlab.models.layers.embedding import build_vocabulary_layers
from attnlab.models.layers.recurrent import Bridge, Cell, Readout, Recurrent, RecurrentEncoder


@dataclass(frozen=True)
class Seq2SeqState:
    """The decoder net's state (L, B, D) each, and the one vector (B, 1, D) that is kept of the source."""

    hidden: tuple[Tensor, ...]
    context: Tensor

    def select(self, rows: Tensor) -> "Seq2SeqState":
        return Seq2SeqState(tuple(part[:, rows] for part in self.hidden), self.context[rows])


class Seq2Seq(nn.Module):
    """The whole source in one vector c, which every step of the decoder reads.

    s_t = RNN(s_{t-1}, [e(y_{t-1}); c]),   h_t = tanh(W [c; s_t]),   p(y_t) = softmax(V h_t)

    c is a linear map of the encoder's last annotation, which also starts the decoder. As Cho et al. (2014), c is fed at
    each step and to the readout; Sutskever et al. (2014) let it only start the decoder, which may then forget it.

    This is `AttentionSeq2Seq` with the attention replaced by the constant c. The two have nearly as many parameters:
    the decoder's second input here makes up for the projections there, but for about dim^2. The lengths don't limit the
    net: they are what it's trained on and decoded to.
    """

    def __init__(
        self,
        *,
        source_vocab_size: int,
        target_vocab_size: int,
        max_source_length: int,
        max_target_length: int,
        dim: int = 256,
        num_layers: int = 1,
        cell: Cell = "gru",
        bidirectional: bool = True,
        dropout: float = 0.2,
        tie_embeddings: bool = True,
        share_embeddings: bool = False,
    ) -> None:
        super().__init__()
        self.source_embedding, self.target_embedding, self.output = build_vocabulary_layers(
            source_vocab_size, target_vocab_size, dim, tie_embeddings=tie_embeddings, share_embeddings=share_embeddings
        )
        self.encoder = RecurrentEncoder(
            dim, cell=cell, num_layers=num_layers, bidirectional=bidirectional, dropout=dropout
        )
        self.decoder = Recurrent(2 * dim, dim, cell=cell, num_layers=num_layers, dropout=dropout)
        self.bridge = Bridge(self.encoder.output_dim, dim, self.decoder.num_states)
        self.summary = nn.Linear(self.encoder.output_dim, dim)
        self.readout = Readout(dim, dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.max_source_length, self.max_target_length = max_source_length, max_target_length
        self.slots: dict[str, str] = {}

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        vectors, _ = self._advance(target, self.start(source))
        logits: Tensor = self.output(vectors)  # (B, Tt, V)
        return logits

    def start(self, source: Tensor) -> Seq2SeqState:
        _, ends = self.encoder(self.dropout(self.source_embedding(source)), source_mask(source))
        return Seq2SeqState(self.bridge(ends), self.summary(ends[-1]).unsqueeze(1))

    def step(self, token: Tensor, state: Seq2SeqState) -> tuple[Tensor, Seq2SeqState]:
        vectors, state = self._advance(token.unsqueeze(1), state)
        return self.output(vectors).squeeze(1), state

    def _advance(self, target: Tensor, state: Seq2SeqState) -> tuple[Tensor, Seq2SeqState]:
        """The readout's vectors (B, Tt, D) of target ids (B, Tt) read from `state` on, and the state after them."""
        embedded = self.dropout(self.target_embedding(target))
        context = state.context.expand_as(embedded)
        states, hidden = self.decoder(torch.cat([embedded, context], dim=2), state.hidden)
        return self.readout(context, states), Seq2SeqState(hidden, state.context)
