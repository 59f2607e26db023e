"""Where the words of a raw text stand, in any script."""

import regex

RULE = "unicode_words_1"  # stored with a vocabulary: another rule gets another name

# Written without spaces between words: each letter, with its marks, is a word.
_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\u30fc\uff70\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_LETTER = rf"[[\p{{L}}\p{{M}}\p{{N}}_]--[{_SPACELESS}]]"
# Invisible inside words: joiners of Persian and of Indic scripts, the soft hyphen.
_RUN = rf"{_LETTER}(?:{_LETTER}|[\u200c\u200d\xad](?={_LETTER}))*"
_APOSTROPHES = r"'’＇"
_JOINER = rf"(?:[-‐‑·׳״]|[{_APOSTROPHES}](?![sS]\b)|(?<=\p{{Nd}})[.,:/](?=\p{{Nd}}))"
_WORD = regex.compile(
    rf"""
    (?:https?://|www\.)[^\s<>"“”]*[^\s<>"“”.,:;!?()'’\]]    # an address, without the punctuation after it
    | [\w.+-]+@\w+(?:[.-]\w+)+                              # an e-mail address
    | (?<!\w)[@\#]{_RUN}                                    # @name, #tag
    | [{_APOSTROPHES}][sS]\b                                # the possessive
    | {_RUN}(?:{_JOINER}{_RUN})*
    | (?=[\p{{L}}\p{{N}}])[{_SPACELESS}]\p{{M}}*
    | (?![\s\p{{Cc}}\p{{Cf}}])\X                            # any other mark alone; an emoji of several code points too
    """,
    regex.VERSION1 | regex.VERBOSE,
)


def split_words(text: str) -> list[tuple[int, int]]:
    """Offsets (code points, end exclusive) of the words of a text, in order.

    - Letters, digits and their combining marks run together: `naïve`, `COVID19`, `नमस्ते`.
    - Hyphens and apostrophes between letters belong to the word (`Obed-Edom`, `don’t`), and so do full stops, commas,
      colons and slashes between digits (`1,000.50`, `12:30`). The possessive `’s` is a word of its own.
    - In scripts without spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) each letter is a word, with
      the marks on it.
    - Addresses, `@name` and `#tag` are one word; every other mark, symbol or emoji is a word of its own.

    White space, control and format characters outside words belong to none; every other character belongs to one.
    """
    return [match.span() for match in _WORD.finditer(text)]
