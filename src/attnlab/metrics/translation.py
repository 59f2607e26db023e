"""BLEU and chrF, by sacrebleu, counted as the language is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any
from unicodedata import normalize

import regex
import sacrebleu

from attnlab.data.text.script_words import UNSPACED

AUTO = "auto"
TOKENIZERS = ("13a", "char", "intl", "none", "zh")  # of sacrebleu, those that need nothing further
LONGEST_RUN = 4  # tokens that BLEU counts together

# Codes of ISO 639, and names, of languages whose BLEU isn't counted in words between spaces.
_CHINESE = "zh zho chi cmn yue wuu nan hak gan hsn lzh cdo chinese mandarin cantonese"
_BY_LETTERS = "ja jpn japanese ko kor korean th tha thai lo lao km khm khmer my mya bur burmese"
_TOKENIZER_OF = dict.fromkeys(_CHINESE.split(), "zh") | dict.fromkeys(_BY_LETTERS.split(), "char")
_ENDINGS = ("gz", "xz")  # of files, as short as a language's code
_LETTER = regex.compile(r"\p{L}")
_HAN = regex.compile(r"\p{Han}")
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_HANGUL = regex.compile(r"\p{Hangul}")
_UNSPACED = regex.compile(rf"{UNSPACED}|\p{{Tibetan}}", regex.VERSION1)
# Words that were parted beforehand.
_PARTED = regex.compile(rf"{UNSPACED}\s+(?={UNSPACED})", regex.VERSION1)


@dataclass
class Quality:
    """What translations score, by `bleu` and `chrf`, from 0 to 100.

    BLEU is missing where no reference has a run of four tokens: it would be 0 for the very references.
    """

    scores: dict[str, float]
    signatures: dict[str, str]
    warnings: list[dict[str, Any]] = field(default_factory=list)


def check_tokenizer(name: object) -> None:
    """ValueError for one that sacrebleu hasn't got, or only with a further installation."""
    if name not in (AUTO, *TOKENIZERS):
        raise ValueError(
            f"bleu_tokenizer must be {AUTO}, or of sacrebleu's that need no further installation one of "
            f"{', '.join(TOKENIZERS)}, got {name!r} (set task.bleu_tokenizer)"
        )


def tokenizer_for(language: str, references: Iterable[str]) -> str:
    """sacrebleu's tokenizer for a language: zh for Chinese, char for others without words between spaces, else 13a.

    `language` is a code, as `zh`, `zh-CN`, `zho_Hans`, or the end of a file's name that has one, as `corpus.en-ja.ja`.
    Where it speaks of none of these, most letters of the references decide.
    """
    for part in reversed(language.lower().split(".")):
        code = regex.split(r"[-_@]", part)[0]
        if code in _TOKENIZER_OF:
            return _TOKENIZER_OF[code]
        if len(code) == 2 and code not in _ENDINGS:
            break  # another language
    return _tokenizer_of_letters("".join(references))


def _tokenizer_of_letters(text: str) -> str:
    letters, han, kana = (len(each.findall(text)) for each in (_LETTER, _HAN, _KANA))
    without_words = len(_UNSPACED.findall(text)) + len(_HANGUL.findall(text))
    if 2 * without_words <= letters:
        return "13a"
    # Japanese has kana between its Han letters, everywhere; Chinese has some in a name at most.
    return "zh" if 2 * han > without_words and 10 * kana < han else "char"


def quality(
    outputs: Sequence[str], references: Sequence[Sequence[str]], *, language: str, tokenizer: str, lowercase: bool
) -> Quality:
    """Of each output with its one or more references, after NFC, as models read and write texts.

    `tokenizer` is BLEU's, of `TOKENIZERS`, or `auto`: as the language and the references ask for. `lowercase` leaves
    case out of account.
    """
    outputs = [normalize("NFC", output) for output in outputs]
    references = [[normalize("NFC", text) for text in each] for each in references]
    texts = [text for each in references for text in each]
    chosen = tokenizer_for(language, texts) if tokenizer == AUTO else tokenizer
    streams = [list(stream) for stream in zip_longest(*references)]  # the first of each, the second of each, ...
    bleu = sacrebleu.BLEU(tokenize=chosen, lowercase=lowercase)
    chrf = sacrebleu.CHRF(lowercase=lowercase)
    found = Quality({}, {})
    for name, metric in (("bleu", bleu), ("chrf", chrf)):
        # What rounding in a mean of logarithms adds to a perfect score is no score: 100.00000000000004.
        found.scores[name] = min(100.0, float(metric.corpus_score(outputs, streams).score))
        found.signatures[name] = str(metric.get_signature())
    if not _has_run(bleu, texts):
        del found.scores["bleu"], found.signatures["bleu"]
        message = f"BLEU isn't given: no reference has {LONGEST_RUN} tokens ({chosen}), the runs it counts"
        found.warnings.append({"kind": "short_references", "message": message})
    if (share := _unspaced_share(texts, chosen)) > 0.5:
        better = _tokenizer_of_letters("".join(texts))
        message = (
            f"BLEU says little: the tokenizer {chosen} parts words at spaces, and {share:.0%} of the references' "
            f"letters are of scripts without (set task.bleu_tokenizer={better})"
        )
        found.warnings.append({"kind": "unspaced_references", "message": message})
    return found


def can_score(references: Iterable[Sequence[str]], *, language: str, tokenizer: str) -> bool:
    """Whether BLEU can be given: a reference has a run of four tokens; arguments as `quality`'s."""
    texts = [normalize("NFC", text) for each in references for text in each]
    chosen = tokenizer_for(language, texts) if tokenizer == AUTO else tokenizer
    return _has_run(sacrebleu.BLEU(tokenize=chosen), texts)


def _has_run(bleu: sacrebleu.BLEU, texts: Iterable[str]) -> bool:
    return any(len(bleu.tokenizer(text.rstrip()).split()) >= LONGEST_RUN for text in texts)


def _unspaced_share(texts: Iterable[str], tokenizer: str) -> float:
    """Of letters, those that the tokenizer leaves together though their script has no spaces between words."""
    text = "\n".join(texts)
    left = 0 if tokenizer == "char" else len(_UNSPACED.findall(text))
    if 10 * len(_PARTED.findall(text.replace("\n", ""))) > left:
        return 0.0
    if tokenizer == "zh":
        left -= len(_HAN.findall(text))
    return left / max(1, len(_LETTER.findall(text)))
