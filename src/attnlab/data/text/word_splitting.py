"""Where the words of a raw text stand, in any script."""

import regex

# Stored with a vocabulary or a codec: another rule gets another name.
RULE = "unicode_words_1"
ELISIONS = "unicode_words_1+elisions_1"
LETTERS = "letters_1"

# Written without spaces between words: each letter, with its marks, is a word.
_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\u30fc\uff70\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_LETTER = rf"[[\p{{L}}\p{{M}}\p{{N}}_]--[{_SPACELESS}]]"
# Invisible inside words: joiners of Persian and of Indic scripts, the soft hyphen.
_RUN = rf"{_LETTER}(?:{_LETTER}|[\u200c\u200d\xad](?={_LETTER}))*"
_APOSTROPHES = r"'’＇"
_JOINER = rf"(?:[-‐‑·׳״]|[{_APOSTROPHES}](?![sS]\b)|(?<=\p{{Nd}})[.,:/](?=\p{{Nd}}))"
_ANY_OTHER = r"(?![\s\p{Cc}\p{Cf}])\X"  # any other mark alone; an emoji of several code points too
_WORD = rf"""
    (?:https?://|www\.)[^\s<>"“”]*[^\s<>"“”.,:;!?()'’\]]    # an address, without the punctuation after it
    | [\w.+-]+@\w+(?:[.-]\w+)+                              # an e-mail address
    | (?<!\w)[@\#]{_RUN}                                    # @name, #tag
    | [{_APOSTROPHES}][sS]\b                                # the possessive
    | {_RUN}(?:{_JOINER}{_RUN})*
    | (?=[\p{{L}}\p{{N}}])[{_SPACELESS}]\p{{M}}*
    | {_ANY_OTHER}
    """
# What loses its last vowel before another, in French, Italian, Catalan and Occitan.
_ELIDED = (
    "c|d|j|l|m|n|s|t|v|qu|jusqu|lorsqu|puisqu|quoiqu|un|gl|all|dall|dell|nell|sull|coll|quell|quest|bell|sant|dov|com|"
    "quand|quant|tutt|mezz|nessun|ciascun|alcun|senz|anch|cos"
)
_ELISION = rf"(?<!\w)(?i:{_ELIDED})[{_APOSTROPHES}]"
_PATTERNS = {
    rule: regex.compile(pattern, regex.VERSION1 | regex.VERBOSE)
    for rule, pattern in {RULE: _WORD, ELISIONS: f"{_ELISION} | {_WORD}", LETTERS: _ANY_OTHER}.items()
}
_ELISION_ALONE = regex.compile(_ELISION, regex.VERSION1)


def split_words(text: str, *, rule: str = RULE) -> list[tuple[int, int]]:
    """Offsets (code points, end exclusive) of the words of a text, in order.

    - Letters, digits and their combining marks run together: `naïve`, `COVID19`, `नमस्ते`.
    - Hyphens and apostrophes between letters belong to the word (`Obed-Edom`, `don’t`), and so do full stops, commas,
      colons and slashes between digits (`1,000.50`, `12:30`). The possessive `’s` is a word of its own.
    - In scripts without spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) each letter is a word, with
      the marks on it.
    - Addresses, `@name` and `#tag` are one word; every other mark, symbol or emoji is a word of its own.

    White space, control and format characters outside words belong to none; every other character belongs to one.

    By `ELISIONS`, what is elided at a word's beginning is a word of its own, with its apostrophe: `d’`, `Alsace`. By
    `LETTERS`, so is each letter, digit and mark of any script.

    Raises:
        ValueError: a rule that this version doesn't know.
    """
    if rule not in _PATTERNS:
        raise ValueError(f"a rule of splitting must be one of {', '.join(_PATTERNS)}, got {rule!r}")
    return [match.span() for match in _PATTERNS[rule].finditer(text)]


def is_elision(word: str) -> bool:
    """Whether the word is what an elision leaves, such as `l'`."""
    return _ELISION_ALONE.fullmatch(word) is not None
