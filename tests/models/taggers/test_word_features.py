"""What is known of a word by itself: its letters, and its embedding, hidden at times."""

import torch

from attnlab.models.special_tokens import PAD, UNK
from attnlab.models.taggers.word_features import CharacterFeatures, WordFeatures


def test_letters_are_pooled_over_the_word_alone():
    torch.manual_seed(3)
    features = CharacterFeatures(11, 5, dropout=0.0)
    short, long = torch.tensor([[[2, 7]]]), torch.tensor([[[2, 7, 0, 0, 0]]])
    torch.testing.assert_close(features(short), features(long))
    assert not features(torch.zeros(1, 1, 3, dtype=torch.long)).any()
    # By hand: the maximum over windows of three, nothing beyond the word's ends.
    embedded = features.embedding(short[0, 0])  # (2, C)
    nothing = torch.zeros(1, embedded.shape[1])
    windows = torch.cat([nothing, embedded, nothing]).unfold(0, 3, 1)  # (2, C, 3)
    by_hand = torch.einsum("tcw,fcw->tf", windows, features.convolution.weight) + features.convolution.bias
    torch.testing.assert_close(features(short)[0, 0], by_hand.amax(0))


def test_word_dropout_hides_words_in_training_alone():
    torch.manual_seed(3)
    features = WordFeatures(vocab_size=13, num_characters=5, dim=7, character_dim=0, dropout=0.0, word_dropout=0.25)
    words = torch.tensor([[7] * 4000 + [PAD] * 50])
    characters = torch.zeros(1, 4050, 1, dtype=torch.long)
    unknown = features.embedding(torch.tensor([[UNK]]))[0, 0]
    hidden = (features.train()(words, characters) == unknown).all(2)[0]
    assert 0.2 < hidden[:4000].float().mean() < 0.3
    assert not hidden[4000:].any()  # padding is never a word
    assert not (features.eval()(words, characters) == unknown).all(2).any()
