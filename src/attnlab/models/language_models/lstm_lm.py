"""The LSTM as a language model: the baseline without attention."""

from dataclasses import dataclass

from torch import Tensor, nn

from attnlab.attention import Segments
from attnlab.errors import at_least, below_one, between
from attnlab.models.language_models.gpt import tied_output
from attnlab.models.layers.embedding import TokenEmbedding
from attnlab.models.layers.recurrent import Recurrent


@dataclass(frozen=True)
class LSTMState:
    """How many tokens were read, and the hidden states and memory cells (L, B, D) after them."""

    length: int
    parts: tuple[Tensor, ...]

    def select(self, rows: Tensor) -> "LSTMState":
        return LSTMState(self.length, tuple(part[:, rows] for part in self.parts))


class LSTMLM(nn.Module):
    """What was read is kept in a state of one size, from which the next token is read off (Zaremba et al., 2014).

    h_t = LSTM(E x_t, h_t-1),   logits_t = E h_t + b, with dropout between layers, before the first and after the last.
    Differs from the paper: an output tied to the embedding, and each block is read from a state of zeros, as is each
    text of a block that holds several which are to be apart.

    Args:
        context_length: tokens of a block that it is trained on.
        max_length: most that it is asked to read; nothing in it depends on that.

    Raises:
        ValueError: a number out of its range.
    """

    def __init__(
        self,
        *,
        vocab_size: int,
        context_length: int,
        max_length: int,
        dim: int = 256,
        num_layers: int = 2,
        dropout: float = 0.0,
        tie_embeddings: bool = True,
    ) -> None:
        super().__init__()
        between(1, 1000, "model", num_layers=num_layers)
        at_least(1, "model", context_length=context_length, max_length=max_length)
        below_one("model", dropout=dropout)
        self.context_length, self.max_length = context_length, max_length
        self.slots: dict[str, str] = {}
        self.embedding = TokenEmbedding(vocab_size, dim)
        self.recurrent = Recurrent(dim, dim, cell="lstm", num_layers=num_layers, dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.output = tied_output(self.embedding, tied=tie_embeddings)

    def forward(self, tokens: Tensor, segments: Tensor | None = None) -> Tensor:
        if segments is None:
            return self.advance(tokens)[0]
        apart = Segments(segments)
        x = self.dropout(self.embedding(tokens))  # (B, T, D)
        x = apart.together([self.recurrent(part)[0] for part in apart.apart(x)])
        logits: Tensor = self.output(self.dropout(x))
        return logits

    def advance(self, tokens: Tensor, state: LSTMState | None = None) -> tuple[Tensor, LSTMState]:
        x = self.dropout(self.embedding(tokens))  # (B, T, D)
        x, parts = self.recurrent(x, None if state is None else state.parts)
        logits: Tensor = self.output(self.dropout(x))
        length = 0 if state is None else state.length
        return logits, LSTMState(length + tokens.shape[1], parts)
