"""The recurrent summarizer: attention, and with it copying and coverage."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from attnlab.models.encoder_decoders.encoder_decoder import Reading, SourceMemory, source_mask
from attnlab.models.encoder_decoders.pointer import CopySource, as_shares, copy_mixture
from attnlab.models.layers.embedding import build_vocabulary_layers
from attnlab.models.layers.recurrent import Bridge, Cell, Readout, Recurrent, RecurrentEncoder
from attnlab.models.layers.slots import AttentionFactory, Slot, fill_slots, mechanism_name


@dataclass(frozen=True)
class TextSummarizationState:
    """The decoder net's state (L, B, D) each, the attention paid so far (B, H, 1, Ts) if covered, and the source."""

    hidden: tuple[Tensor, ...]
    covered: Tensor | None
    copy_source: CopySource | None
    memory: SourceMemory

    def select(self, rows: Tensor) -> "TextSummarizationState":
        memory = self.memory.select(rows)
        moved = memory is not self.memory
        return TextSummarizationState(
            tuple(part[:, rows] for part in self.hidden),
            None if self.covered is None else self.covered[rows],
            self.copy_source.select(rows) if self.copy_source is not None and moved else self.copy_source,
            memory,
        )


class TextSummarization(nn.Module):
    """A recurrent decoder that attends to the document, and can copy from it and remember what it has used of it.

    s_t = RNN(s_{t-1}, e(y_{t-1})),   c_t, a_t = attention(s_t, memory),   h_t = tanh(W [c_t; s_t]),
    generated: softmax(V h_t)                                            (See et al., 2017, section 2.1)
    With `copy`, a switch g_t = sigmoid(w [c_t; s_t; e(y_{t-1})]) mixes in a_t as a distribution over the document's
    tokens (section 2.2): names and rare words come through. The output is then log p, for which logits can be taken.
    With `coverage`, the attention paid so far, C_t = sum_{t' < t} a_t', enters the scores of each head as a bias u C_t
    (section 2.3), and `read` gives the overlap sum_j min(a_tj, C_tj), whose mean is the paper's coverage loss.

    Differs from the paper: the memory starts the decoder through a bridge and the state is s_t alone; u, one number a
    head and zero at first, stands outside the mechanism's own scores, so that any that takes a bias can be covered;
    copying follows the heads' mean. Of weights that aren't softmax's, the shares of those above zero are taken.

    The attention stands in the one slot `cross`. ValueError for a mechanism without a bias if `coverage`, and for two
    vocabularies if `copy`.
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
        copy: bool = True,
        coverage: bool = False,
        dim: int = 256,
        num_heads: int = 1,
        num_layers: int = 1,
        cell: Cell = "gru",
        bidirectional: bool = True,
        dropout: float = 0.2,
        tie_embeddings: bool = True,
        share_embeddings: bool = True,
    ) -> None:
        super().__init__()
        self.source_embedding, self.target_embedding, self.output = build_vocabulary_layers(
            source_vocab_size, target_vocab_size, dim, tie_embeddings=tie_embeddings, share_embeddings=share_embeddings
        )
        if copy and source_vocab_size != target_vocab_size:
            raise ValueError(
                "copying needs one vocabulary for source and target, "
                f"got {source_vocab_size} and {target_vocab_size} tokens (set model.copy=false)"
            )
        self.encoder = RecurrentEncoder(
            dim, cell=cell, num_layers=num_layers, bidirectional=bidirectional, dropout=dropout
        )
        self.decoder = Recurrent(dim, dim, cell=cell, num_layers=num_layers, dropout=dropout)
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
        name = mechanism_name(self.cross_attention)
        self.slots = {"cross": name}
        if coverage and not self.cross_attention.core.properties.takes_bias:
            raise ValueError(
                f"coverage needs an attention that takes a bias, got {name} (set model.coverage=false or attention)"
            )
        self.coverage_weight = nn.Parameter(torch.zeros(num_heads, 1, 1)) if coverage else None  # u
        self.switch = nn.Linear(3 * dim, 1) if copy else None
        self.readout = Readout(dim, dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.max_source_length, self.max_target_length = max_source_length, max_target_length
        self.copy, self.coverage = copy, coverage

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        return self.read(source, target).logits

    def read(self, source: Tensor, target: Tensor) -> Reading:
        """Logits (B, Tt, V), with log p of copying and the overlap of attention, (B, Tt) each, where it has them."""
        reading, _ = self._advance(target, self.start(source))
        return reading

    def start(self, source: Tensor) -> TextSummarizationState:
        mask = source_mask(source)
        memory, ends = self.encoder(self.dropout(self.source_embedding(source)), mask)
        covered = None
        if self.coverage_weight is not None:
            covered = memory.new_zeros(len(source), len(self.coverage_weight), 1, source.shape[1])
        return TextSummarizationState(
            self.bridge(ends),
            covered,
            CopySource.of(source) if self.copy else None,
            SourceMemory.of((self.cross_attention.project(memory),), mask),
        )

    def step(self, token: Tensor, state: TextSummarizationState) -> tuple[Tensor, TextSummarizationState]:
        reading, state = self._advance(token.unsqueeze(1), state)
        return reading.logits.squeeze(1), state

    def _advance(self, target: Tensor, state: TextSummarizationState) -> tuple[Reading, TextSummarizationState]:
        """What target ids (B, Tt) read from `state` on give, and the state after them."""
        embedded = self.dropout(self.target_embedding(target))
        states, hidden = self.decoder(embedded, state.hidden)  # (B, Tt, D)
        context, attention, overlap, covered = self._look(states, state)
        logits: Tensor = self.output(self.readout(context, states))
        copying = None
        if self.switch is not None and attention is not None and state.copy_source is not None:
            switch = self.switch(torch.cat([context, states, embedded], dim=2)).squeeze(2)  # (B, Tt)
            copying = switch.float().sigmoid()
            logits = copy_mixture(logits, switch, attention.mean(1), state.copy_source)
        after = TextSummarizationState(hidden, covered, state.copy_source, state.memory)
        return Reading(logits, copying, overlap), after

    def _look(
        self, states: Tensor, state: TextSummarizationState
    ) -> tuple[Tensor, Tensor | None, Tensor | None, Tensor | None]:
        """Context of decoder states (B, Tt, D), attention (B, H, Tt, Ts), overlap (B, Tt) and coverage after them."""
        source = state.memory.layers[0]
        if state.covered is None or self.coverage_weight is None:
            if not self.copy:
                return self.cross_attention(states, kv=source, key_mask=state.memory.mask), None, None, None
            context, weights = self.cross_attention.attend(states, kv=source, key_mask=state.memory.mask)
            return context, as_shares(weights), None, None
        covered, contexts, shares, overlaps = state.covered, [], [], []
        for query in states.unsqueeze(2).unbind(1):  # what one word attends to depends on what those before it did
            context, weights = self.cross_attention.attend(
                query, kv=source, key_mask=state.memory.mask, bias=self.coverage_weight * covered
            )
            share = as_shares(weights)  # (B, H, 1, Ts)
            overlaps.append(torch.minimum(share, covered).sum(3).mean(1))  # (B, 1)
            covered = covered + share
            contexts.append(context)
            shares.append(share)
        return torch.cat(contexts, 1), torch.cat(shares, 2), torch.cat(overlaps, 1), covered
