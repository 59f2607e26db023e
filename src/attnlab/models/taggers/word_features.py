"""What a tagger knows of a word before it reads the sentence: its embedding and its letters."""

import torch
from torch import Tensor, nn

from attnlab.errors import below_one, between
from attnlab.models.layers.embedding import TokenEmbedding
from attnlab.models.special_tokens import PAD, UNK

CHARACTER_EMBEDDING_DIM = 24
CHARACTER_WINDOW = 3  # letters


class CharacterFeatures(nn.Module):
    """max over a word's positions of a convolution over its letters        (Ma & Hovy, 2016, section 2.1)

    c_f = max_i (W_f [e(l_{i-1}); e(l_i); e(l_{i+1})] + b_f), with dropout on the letters' embeddings. Positions past a
    word's end aren't among those that the maximum is over, so that a longer word in the batch changes nothing.
    Ids (B, T, Lc), padded with 0 -> (B, T, output_dim), zero for a word without letters.
    """

    def __init__(self, num_characters: int, output_dim: int, *, dropout: float) -> None:
        super().__init__()
        self.embedding = TokenEmbedding(num_characters, CHARACTER_EMBEDDING_DIM)
        self.convolution = nn.Conv1d(CHARACTER_EMBEDDING_DIM, output_dim, CHARACTER_WINDOW, padding="same")
        self.dropout = nn.Dropout(dropout)

    def forward(self, characters: Tensor) -> Tensor:
        letters = characters.flatten(0, 1)  # (B T, Lc)
        real = letters != PAD
        convolved = self.convolution(self.dropout(self.embedding(letters)).mT)  # (B T, F, Lc)
        lowest = torch.finfo(convolved.dtype).min
        features: Tensor = convolved.masked_fill(~real.unsqueeze(1), lowest).amax(2)
        features = features.masked_fill(~real.any(1, keepdim=True), 0.0)
        return features.view(*characters.shape[:2], -1)


class WordFeatures(nn.Module):
    """x = dropout(e(word)), or x = dropout(W [e(word); c(letters)]) where `character_dim` > 0.

    In training each word is read as unknown with probability `word_dropout`, so that the model learns to make do with
    the others and the letters. Ids (B, T) and (B, T, Lc) -> (B, T, D).

    Raises:
        ValueError: a width or share out of its range.
    """

    def __init__(
        self,
        *,
        vocab_size: int,
        num_characters: int,
        dim: int,
        character_dim: int,
        dropout: float,
        word_dropout: float,
    ) -> None:
        super().__init__()
        between(0, 2**20, "model", character_dim=character_dim)
        below_one("model", dropout=dropout, word_dropout=word_dropout)
        self.embedding = TokenEmbedding(vocab_size, dim)
        self.characters = CharacterFeatures(num_characters, character_dim, dropout=dropout) if character_dim else None
        self.mix = nn.Linear(dim + character_dim, dim) if character_dim else None
        self.dropout = nn.Dropout(dropout)
        self.word_dropout = word_dropout

    def forward(self, words: Tensor, characters: Tensor) -> Tensor:
        if self.training and self.word_dropout:
            hidden = torch.rand(words.shape, device=words.device) < self.word_dropout
            words = torch.where(hidden & (words != PAD), UNK, words)
        x: Tensor = self.embedding(words)
        if self.characters is not None and self.mix is not None:
            x = self.mix(torch.cat([x, self.characters(characters)], dim=2))
        features: Tensor = self.dropout(x)
        return features
