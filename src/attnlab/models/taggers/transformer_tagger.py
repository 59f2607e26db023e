"""The Transformer encoder as a tagger."""

from functools import partial

from torch import Tensor, nn

from attnlab.errors import between
from attnlab.models.layers.positions import Positions
from attnlab.models.layers.slots import AttentionFactory, Slot, fill_slots, mechanism_name
from attnlab.models.layers.transformer_layers import Activation, EncoderLayer, FeedForward
from attnlab.models.taggers.label_scores import LabelScores
from attnlab.models.taggers.one_sided_labels import unchained_labels
from attnlab.models.taggers.tagger import Direction, Reading, check_length, word_mask
from attnlab.models.taggers.word_features import WordFeatures


class TransformerTagger(nn.Module):
    """Attention in place of recurrence; p(y_t) = softmax(V z_t) over the last layer's z.

    The encoder of Vaswani et al. (2017), by default with pre-norm, a last norm and GELU, over word and letter features.
    A forward or backward model is causal in every layer.

    The attention stands in the one slot `sentence`, in each layer. Maps captured from a backward model are in the order
    of reading: `reading.arrange_map` turns them.
    """

    def __init__(
        self,
        *,
        vocab_size: int,
        num_characters: int,
        num_labels: int,
        max_length: int,
        attention: AttentionFactory,
        direction: Direction = "bidirectional",
        dim: int = 128,
        num_heads: int = 4,
        num_layers: int = 2,
        feed_forward_dim: int = 256,
        activation: Activation = "gelu",
        norm_first: bool = True,
        learned_positions: bool = False,
        character_dim: int = 50,
        dropout: float = 0.2,
        word_dropout: float = 0.05,
    ) -> None:
        super().__init__()
        between(1, 1000, "model", num_layers=num_layers)
        self.features = WordFeatures(
            vocab_size=vocab_size,
            num_characters=num_characters,
            dim=dim,
            character_dim=character_dim,
            dropout=dropout,
            word_dropout=word_dropout,
        )
        self.positions = Positions(max_length, dim, learned=learned_positions, key="data.max_length")
        self.reading = Reading(direction)
        slot = Slot(role=self.reading.role, max_length=max_length, num_layers=num_layers)
        filled = fill_slots(attention, {"sentence": slot}, dim=dim, num_heads=num_heads)["sentence"]
        self.slots = {"sentence": mechanism_name(filled[0])}
        feed_forward = partial(FeedForward, dim, feed_forward_dim, activation=activation, dropout=dropout)
        self.encoder = nn.ModuleList(
            EncoderLayer(dim, attention=layer, feed_forward=feed_forward(), dropout=dropout, norm_first=norm_first)
            for layer in filled
        )
        self.norm = nn.LayerNorm(dim) if norm_first else nn.Identity()
        self.output = nn.Linear(dim, num_labels)
        self.label_scores: LabelScores = unchained_labels(num_labels, self.reading)
        self.max_length = max_length

    def forward(self, words: Tensor, characters: Tensor) -> Tensor:
        check_length(words, self.max_length)
        mask = word_mask(words)
        x = self.features(self.reading.arrange(words, mask), self.reading.arrange(characters, mask))
        x = self.positions(x)
        for layer in self.encoder:
            x = layer(x, mask)
        emissions: Tensor = self.output(self.norm(x))  # (B, T, C)
        return self.reading.arrange(emissions, mask)
