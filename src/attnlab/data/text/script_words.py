"""Words of any script, as scores and baselines count them.

Not those that a tagger labels, whose rule is stored with its vocabulary: what is here only measures.
"""

import unicodedata

import regex

# Letters of scripts that are written without spaces between words.
UNSPACED = (
    r"[[\p{Han}\p{Hiragana}\p{Katakana}\u30fc\uff70\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tai_Tham}"
    r"\p{Tai_Le}\p{New_Tai_Lue}]&&[\p{L}\p{N}]]"
)
# Invisible within words: joiners of Persian and of Indic scripts, the soft hyphen.
_JOINERS = regex.compile(r"[\u200c\u200d\xad]")
_PIECE = regex.compile(
    # Whatever is no letter goes with the letter before it, else with that after it.
    rf"[^\s\p{{L}}\p{{N}}]*{UNSPACED}[^\s\p{{L}}\p{{N}}]*|[\S--{UNSPACED}]+",
    regex.VERSION1,
)


def word_pattern(*, also: str = "") -> "regex.Pattern[str]":
    """Finds words in `folded` texts: letters, digits and their marks, and what is in `also`; no punctuation.

    In scripts without spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) each letter is one.
    """
    letter = rf"[[\p{{L}}\p{{N}}{also}]--{UNSPACED}]"
    return regex.compile(rf"{letter}(?:{letter}|\p{{M}})*|{UNSPACED}\p{{M}}*", regex.VERSION1)


def folded(text: str) -> str:
    """In small letters, each written in one way only (NFC)."""
    # NFC once more: some letters fall apart when they become small.
    return unicodedata.normalize("NFC", _JOINERS.sub("", unicodedata.normalize("NFC", text).lower()))


def pieces(word: str) -> list[str]:
    """What stands between white space, cut into as many words as it has where its script has no spaces.

    Together the pieces are the whole, punctuation included.
    """
    return _PIECE.findall(word) or [word]
