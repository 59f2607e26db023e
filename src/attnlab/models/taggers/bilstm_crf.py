"""The recurrent tagger with letters and a conditional random field."""

from torch import Tensor, nn

from attnlab.models.layers.recurrent import Cell
from attnlab.models.layers.slots import AttentionFactory, Slot, fill_slots, mechanism_name
from attnlab.models.layers.transformer_layers import Residual
from attnlab.models.taggers.label_scores import ChainedLabels, LabelScores
from attnlab.models.taggers.one_sided_labels import unchained_labels
from attnlab.models.taggers.tagger import Direction, Reading, check_length, tagger_encoder, word_mask
from attnlab.models.taggers.word_features import WordFeatures


class BiLSTMCRF(nn.Module):
    """Words and letters, read in both directions, labelled as a chain        (Ma & Hovy, 2016; Lample et al., 2016)

    x = W [e(word); cnn(letters)],   h = BiLSTM(x),   z = h + attention(norm(h)),   p(y | x) = CRF(V z)

    Differs from the papers: embeddings aren't pretrained, W brings the features to width D, and there is a residual
    attention, without which (`attention=identity` comes nearest) the model is theirs. With `crf` false each label is
    chosen by itself: p(y_t) = softmax(V z_t). Either way decoding gives valid IOB2 only. A
    one-sided `direction` holds for what the chain is given, not for the chain, which sees both sides.

    The attention stands in the one slot `sentence`. Maps captured from a backward model are in the order of reading:
    `reading.arrange_map` turns them.
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
        crf: bool = True,
        dim: int = 200,
        num_heads: int = 4,
        num_layers: int = 1,
        cell: Cell = "lstm",
        character_dim: int = 50,
        dropout: float = 0.5,
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
        self.encoder = tagger_encoder(dim, self.reading, cell=cell, num_layers=num_layers, dropout=dropout)
        slot = Slot(role=self.reading.role, max_length=max_length, num_layers=1)
        [self.attention] = fill_slots(attention, {"sentence": slot}, dim=dim, num_heads=num_heads)["sentence"]
        self.slots = {"sentence": mechanism_name(self.attention)}
        self.residual = Residual(dim, dropout=dropout, norm_first=True)
        self.output = nn.Linear(dim, num_labels)
        self.dropout = nn.Dropout(dropout)
        self.label_scores: LabelScores = (
            ChainedLabels(num_labels) if crf else unchained_labels(num_labels, self.reading)
        )
        self.max_length = max_length

    def forward(self, words: Tensor, characters: Tensor) -> Tensor:
        check_length(words, self.max_length)
        mask = word_mask(words)
        x = self.features(self.reading.arrange(words, mask), self.reading.arrange(characters, mask))
        states = self.dropout(self.encoder(x, mask)[0])  # (B, T, D)
        states = self.residual.leave(states, self.attention(self.residual.enter(states), key_mask=mask))
        return self.reading.arrange(self.output(states), mask)
