"""The recurrent tagger with attention over its sentence."""

from torch import Tensor, nn

from attnlab.models.layers.recurrent import Cell, Readout
from attnlab.models.layers.slots import AttentionFactory, Slot, fill_slots, mechanism_name
from attnlab.models.taggers.label_scores import LabelScores
from attnlab.models.taggers.one_sided_labels import unchained_labels
from attnlab.models.taggers.tagger import Direction, Reading, check_length, tagger_encoder, word_mask
from attnlab.models.taggers.word_features import WordFeatures


class NERModel(nn.Module):
    """Each word's label from the word in its sentence and from what it attends to there.

    h = RNN(x),   c_t = attention(h_t, h),   r_t = tanh(W [c_t; h_t]),   p(y_t) = softmax(V r_t)

    Attention is over the positions of a sentence, never over the batch, and there is one label for each word. The net
    has width D / 2 in each direction if bidirectional, else D, so that all directions read out as much. With
    `num_layers` 0 there is no net, h = x, and a word learns of the others through attention alone, which is then blind
    to their order unless the mechanism itself knows of positions.

    The attention stands in the one slot `sentence`, over the whole sentence or, unless bidirectional, over what was
    read. Maps captured from a backward model are in the order of reading: `reading.arrange_map` turns them.
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
        num_layers: int = 1,
        cell: Cell = "gru",
        character_dim: int = 0,
        dropout: float = 0.3,
        word_dropout: float = 0.05,
    ) -> None:
        super().__init__()
        self.features = WordFeatures(
            vocab_size=vocab_size,
            num_characters=num_characters,
            dim=dim,
            character_dim=character_dim,
            dropout=dropout,
            word_dropout=word_dropout,
        )
        self.reading = Reading(direction)
        self.encoder = (
            tagger_encoder(dim, self.reading, cell=cell, num_layers=num_layers, dropout=dropout) if num_layers else None
        )
        slot = Slot(role=self.reading.role, max_length=max_length, num_layers=1)
        [self.attention] = fill_slots(attention, {"sentence": slot}, dim=dim, num_heads=num_heads)["sentence"]
        self.slots = {"sentence": mechanism_name(self.attention)}
        self.readout = Readout(dim, dropout=dropout)
        self.output = nn.Linear(dim, num_labels)
        self.dropout = nn.Dropout(dropout)
        self.label_scores: LabelScores = unchained_labels(num_labels, self.reading)
        self.max_length = max_length

    def forward(self, words: Tensor, characters: Tensor) -> Tensor:
        check_length(words, self.max_length)
        mask = word_mask(words)
        states = self.features(self.reading.arrange(words, mask), self.reading.arrange(characters, mask))
        if self.encoder is not None:
            states = self.dropout(self.encoder(states, mask)[0])  # (B, T, D)
        context = self.attention(states, key_mask=mask)
        emissions = self.output(self.readout(context, states))  # (B, T, C)
        return self.reading.arrange(emissions, mask)
