"""The four ids that every vocabulary shares."""

PAD, BOS, EOS, UNK = range(4)
CHARACTER_UNKNOWN = 1  # among the characters of words, of which 0 is padding, too
SPECIAL_TOKENS = ("<pad>", "<s>", "</s>", "<unk>")
