"""The Transformer encoder as a classifier of texts."""

from functools import partial

import torch
from torch import Tensor, nn

from attnlab.errors import at_least
from attnlab.models.layers.embedding import TokenEmbedding
from attnlab.models.layers.positions import Positions
from attnlab.models.layers.slots import AttentionFactory, Slot, fill_slots, mechanism_name
from attnlab.models.layers.transformer_layers import EncoderLayer, FeedForward
from attnlab.models.special_tokens import PAD


class TextClassifier(nn.Module):
    """The class is read from the mean of what the words have become.

    z_0 = embedding + positions,   z_l = layer(z_l-1),   logits = V mean_t norm(z_L)_t        (t over real words)
    The layers are those of Vaswani et al. (2017), with pre-norm and GELU.

    The attention stands in the one slot `encoder`, in each layer.

    Raises:
        ValueError: a number out of its range, or an attention that can't serve the role self.
    """

    def __init__(
        self,
        *,
        vocab_size: int,
        num_classes: int,
        max_length: int,
        attention: AttentionFactory,
        dim: int = 64,
        num_heads: int = 4,
        num_layers: int = 2,
        feed_forward_dim: int = 128,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        at_least(1, "model", num_layers=num_layers, dim=dim)
        self.max_length, self.num_classes = max_length, num_classes
        self.embedding = TokenEmbedding(vocab_size, dim)
        self.positions = Positions(max_length, dim, learned=False, key="data.max_length")
        slot = Slot(role="self", max_length=max_length, num_layers=num_layers)
        filled = fill_slots(attention, {"encoder": slot}, dim=dim, num_heads=num_heads)["encoder"]
        self.slots = {"encoder": mechanism_name(filled[0])}
        feed_forward = partial(FeedForward, dim, feed_forward_dim, activation="gelu", dropout=dropout)
        self.encoder = nn.ModuleList(
            EncoderLayer(dim, attention=each, feed_forward=feed_forward(), dropout=dropout, norm_first=True)
            for each in filled
        )
        self.norm = nn.LayerNorm(dim)
        self.output = nn.Linear(dim, num_classes)

    def forward(self, words: Tensor) -> Tensor:
        """Logits (B, K) of word ids (B, T), right-padded with PAD."""
        mask = words != PAD
        x = self.positions(self.embedding(words))  # (B, T, D)
        for layer in self.encoder:
            x = layer(x, mask)
        logits: Tensor = self.output(mean_of_words(self.norm(x), mask))
        return logits


def mean_of_words(x: Tensor, mask: Tensor) -> Tensor:
    """The mean (B, D) of x (B, T, D) where the mask (B, T) is True; zero where it nowhere is."""
    num_words = mask.sum(1, keepdim=True).clamp(min=1)
    return torch.where(mask.unsqueeze(2), x, 0.0).sum(1) / num_words
