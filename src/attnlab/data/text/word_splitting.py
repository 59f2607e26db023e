"""Where the words of a raw text stand, in any script."""

import functools
from collections.abc import Iterable

import regex

# Stored with a vocabulary or a codec: another rule gets another name.
RULE = "unicode_words_1"
ELISIONS = "unicode_words_1+elisions_1"
LETTERS = "letters_1"
LEARNED = "+apostrophes_1:"  # after the first or the second, before what a corpus cuts off, with spaces between

# Written without spaces between words: each letter, with its marks, is a word.
_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\u30fc\uff70\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_LETTER = rf"[[\p{{L}}\p{{M}}\p{{N}}_]--[{_SPACELESS}]]"
# Invisible inside words: joiners of Persian and of Indic scripts, the soft hyphen.
_RUN = rf"{_LETTER}(?:{_LETTER}|[\u200c\u200d\xad](?={_LETTER}))*"
APOSTROPHES = "'’＇"
_ANY_OTHER = r"(?![\s\p{Cc}\p{Cf}])\X"  # any other mark alone; an emoji of several code points too
_FORM = regex.compile(
    rf"(?:[{APOSTROPHES}]\p{{L}}[\p{{L}}\p{{M}}]*|\p{{L}}[\p{{L}}\p{{M}}]*[{APOSTROPHES}])", regex.VERSION1
)


def _word(*, tails: str = "s") -> str:
    """A pattern of words from which these are cut off behind an apostrophe."""
    joiner = rf"(?:[-‐‑·׳״]|[{APOSTROPHES}](?!(?i:{tails})\b)|(?<=\p{{Nd}})[.,:/](?=\p{{Nd}}))"
    return rf"""
        (?:https?://|www\.)[^\s<>"“”]*[^\s<>"“”.,:;!?()'’\]]    # an address, without the punctuation after it
        | (?!\p{{Cf}})[\w.+-]+@\w+(?:[.-]\w+)+                  # an e-mail address; joiners are of \w
        | (?<!\w)[@\#]{_RUN}                                    # @name, #tag
        | [{APOSTROPHES}][sS]\b                                 # the possessive
        | (?<=\w)[{APOSTROPHES}](?i:{tails})\b
        | {_RUN}(?:{joiner}{_RUN})*
        | (?=[\p{{L}}\p{{N}}])[{_SPACELESS}]\p{{M}}*
        | {_ANY_OTHER}
        """


# What loses its last vowel before another, in French, Italian, Catalan and Occitan.
_ELIDED = (
    "c|d|j|l|m|n|s|t|v|qu|jusqu|lorsqu|puisqu|quoiqu|un|gl|all|dall|dell|nell|sull|coll|quell|quest|bell|sant|dov|com|"
    "quand|quant|tutt|mezz|nessun|ciascun|alcun|senz|anch|cos"
)
_ELISION = rf"(?<!\w)(?i:{_ELIDED})[{APOSTROPHES}]"
_RULES = (RULE, ELISIONS, LETTERS)
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
    `LETTERS`, so is each letter, digit and mark of any script. See `with_apostrophes` for rules beyond these.

    Raises:
        ValueError: a rule that this version doesn't know.
    """
    return [match.span() for match in _pattern(rule).finditer(text)]


def with_apostrophes(rule: str, forms: Iterable[str]) -> str:
    """A rule, `RULE` or `ELISIONS`, that also cuts off these at apostrophes: `presqu'` before a word, `'da` behind one.

    In any case, and with any kind of apostrophe.
    """
    return f"{rule}{LEARNED}{' '.join(sorted(forms))}"


def is_form(word: str) -> bool:
    """Whether it is letters and then an apostrophe, or an apostrophe and then letters."""
    return _FORM.fullmatch(word) is not None


@functools.lru_cache(maxsize=16)
def _pattern(rule: str) -> regex.Pattern[str]:
    base, learned, listed = rule.partition(LEARNED)
    forms = listed.split(" ") if learned else []
    if base not in _RULES or (learned and (base == LETTERS or not all(map(is_form, forms)))):
        raise ValueError(
            f"a rule of splitting must be one of {', '.join(_RULES)}, or one of the first two with what it cuts off, "
            f"got {rule!r}"
        )
    tails = "|".join(["s", *(form[1:] for form in forms if form[0] in APOSTROPHES)])
    heads = "|".join(form[:-1] for form in forms if form[0] not in APOSTROPHES)
    pattern = _ANY_OTHER if base == LETTERS else _word(tails=tails)
    pattern = f"{_ELISION} | {pattern}" if base == ELISIONS else pattern
    pattern = rf"(?<!\w)(?i:{heads})[{APOSTROPHES}](?=\p{{L}}) | {pattern}" if heads else pattern
    return regex.compile(pattern, regex.VERSION1 | regex.VERBOSE)


def is_elision(word: str) -> bool:
    """Whether the word is what an elision leaves, such as `l'`."""
    return _ELISION_ALONE.fullmatch(word) is not None
