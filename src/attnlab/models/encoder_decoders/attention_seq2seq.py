"""The recurrent encoder-decoder with attention."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from attnlab.models.encoder_decoders.encoder_decoder import SourceMemory, source_mask
from attnlab.models.layers.embedding import build_vocabulary_layers
from attnlab.models.layers.recurrent import Bridge, Cell, Readout, Recurrent, RecurrentEncoder
from attnlab.models.layers.slots import AttentionFactory, Slot, fill_slots, mechanism_name


@dataclass(frozen=True)
class AttentionSeq2SeqState:
    """The decoder net's state (L, B, D) each, the last attentional vector (B, 1, D), and the source."""

    hidden: tuple[Tensor, ...]
    vector: Tensor
    memory: SourceMemory

    def select(self, rows: Tensor) -> "AttentionSeq2SeqState":
        hidden = tuple(part[:, rows] for part in self.hidden)
        return AttentionSeq2SeqState(hidden, self.vector[rows], self.memory.select(rows))


class AttentionSeq2Seq(nn.Module):
    """A recurrent decoder that looks at the source's annotations anew for each word it writes.

    s_t = RNN(s_{t-1}, [e(y_{t-1}); h_{t-1}]),   c_t = attention(s_t, memory),   h_t = tanh(W [c_t; s_t]),
    p(y_t) = softmax(V h_t)                      (Luong et al., 2015, sections 3 and 3.3)

    The memory is that of a bidirectional net (Bahdanau et al., 2015), and `attention=additive` is that paper's. Differs
    from it: the query is the new state s_t, as Luong's, not s_{t-1}. Without `input_feeding` the decoder net reads no
    h_{t-1}; in training it and the attention then run over all target words at once, which is faster.

    The attention stands in the one slot `cross`, with `num_heads` heads.
    """

    def __init__(
        self,
        *,
        source_vocab_size: int,
        target_vocab_size: int,
        max_source_length: int,
        max_target_length: int,
        attention: AttentionFactory,
        cross_attention: AttentionFactory | None = None,
        dim: int = 256,
        num_heads: int = 1,
        num_layers: int = 1,
        cell: Cell = "gru",
        bidirectional: bool = True,
        input_feeding: bool = False,
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
        self.decoder = Recurrent(
            dim * (2 if input_feeding else 1), dim, cell=cell, num_layers=num_layers, dropout=dropout
        )
        self.bridge = Bridge(self.encoder.output_dim, dim, self.decoder.num_states)
        slot = Slot(
            role="cross",
            # One more than the cap: a decoder reads BOS besides every word of the longest target.
            max_length=max(max_source_length, max_target_length + 1),
            num_layers=1,
            key_dim=self.encoder.output_dim,
            override=cross_attention,
        )
        [self.cross_attention] = fill_slots(attention, {"cross": slot}, dim=dim, num_heads=num_heads)["cross"]
        self.slots = {"cross": mechanism_name(self.cross_attention)}
        self.readout = Readout(dim, dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.max_source_length, self.max_target_length = max_source_length, max_target_length
        self.input_feeding = input_feeding

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        vectors, _ = self._advance(target, self.start(source))
        logits: Tensor = self.output(vectors)  # (B, Tt, V)
        return logits

    def start(self, source: Tensor) -> AttentionSeq2SeqState:
        mask = source_mask(source)
        memory, ends = self.encoder(self.dropout(self.source_embedding(source)), mask)
        hidden = self.bridge(ends)
        vector = memory.new_zeros(source.size(0), 1, hidden[0].shape[2])
        return AttentionSeq2SeqState(hidden, vector, SourceMemory.of((self.cross_attention.project(memory),), mask))

    def step(self, token: Tensor, state: AttentionSeq2SeqState) -> tuple[Tensor, AttentionSeq2SeqState]:
        vectors, state = self._advance(token.unsqueeze(1), state)
        return self.output(vectors).squeeze(1), state

    def _advance(self, target: Tensor, state: AttentionSeq2SeqState) -> tuple[Tensor, AttentionSeq2SeqState]:
        """The attentional vectors (B, Tt, D) of target ids (B, Tt) read from `state` on, and the state after them."""
        embedded = self.dropout(self.target_embedding(target))
        hidden, vector, memory = state.hidden, state.vector, state.memory
        if not self.input_feeding:
            vectors, hidden = self._look(embedded, hidden, memory)
            return vectors, AttentionSeq2SeqState(hidden, vector, memory)
        steps = []
        for word in embedded.split(1, dim=1):
            vector, hidden = self._look(torch.cat([word, vector], dim=2), hidden, memory)
            steps.append(vector)
        return torch.cat(steps, dim=1), AttentionSeq2SeqState(hidden, vector, memory)

    def _look(
        self, inputs: Tensor, hidden: tuple[Tensor, ...], memory: SourceMemory
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        states, hidden = self.decoder(inputs, hidden)  # (B, T, D)
        context = self.cross_attention(states, kv=memory.layers[0], key_mask=memory.mask)  # (B, T, D)
        return self.readout(context, states), hidden
