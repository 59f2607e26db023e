"""Answers to texts."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeGuard

from attnlab.api.answers import Answer, AttentionMap
from attnlab.commands.predict.tables import Offsets, joined
from attnlab.errors import UserError
from attnlab.models.encoder_decoders.predictor import WritingPredictor
from attnlab.models.language_models.predictor import LanguagePredictor
from attnlab.models.predictors import EntityFinder, Prediction, TextPredictor
from attnlab.models.taggers.predictor import TaggingPredictor
from attnlab.reporting.pictures import AttentionPicture

TextInput = str | Sequence[str]
"""A text, or the words of one."""


class TextAnswers:
    """What a predictor of texts says of them."""

    def __init__(self, predictor: TextPredictor) -> None:
        self.predictor = predictor

    def predict(self, inputs: object, *, batch_size: int) -> list[Answer]:
        """An answer a text."""
        given = [inputs] if isinstance(inputs, str | Path) else inputs
        if not isinstance(given, Sequence):
            raise UserError(f"texts must be a text or a list of texts, got {inputs!r} (give a list)")
        return [Answer.of(each) for each in self._predictions(given, batch_size=batch_size)]

    def attention(self, given: object) -> list[AttentionMap]:
        """Layer by layer, what was attended to for the answer to one text; none of a blank one."""
        words = isinstance(self.predictor, EntityFinder) and _is_list(given) and not any(map(_is_list, given))
        if not isinstance(given, str) and not words:
            got = f"a list of {len(given)}" if _is_list(given) else repr(given)
            raise UserError(f"attention is that of one text, got {got} (give one text at a time)")
        texts = [each for each in given if isinstance(each, str) and each.split()[1:]] if _is_list(given) else []
        if texts:
            raise UserError(
                f"attention is that of one text, or of the words of one, got {texts[0]!r} among the words (give one "
                "text at a time, or words without spaces)"
            )
        [prediction] = self._predictions([given], batch_size=1)
        return [AttentionMap(each) for each in self._pictures(prediction)]

    def _pictures(self, prediction: Prediction) -> Sequence[AttentionPicture]:
        match self.predictor:
            case TaggingPredictor():
                return self.predictor.layer_pictures(prediction)
            case LanguagePredictor():
                return self.predictor.layer_pictures(prediction["details"]["ids"])
            case WritingPredictor() if prediction["input"].strip():
                return self.predictor.layer_pictures(prediction["input"], prediction["details"]["ids"])
        try:
            return self.predictor.prediction_pictures(prediction)
        except ValueError:  # without attention
            return []

    def _predictions(self, given: Sequence[object], *, batch_size: int) -> Iterator[Prediction]:
        if not isinstance(self.predictor, EntityFinder):
            texts = [_text(each) for each in given]
            return self.predictor.predict_texts(texts, batch_size=batch_size)
        sentences = [_sentence(each, self.predictor) for each in given]
        return self.predictor.predict_words(sentences, batch_size=batch_size)


class ContinuedTexts(TextAnswers):
    """What a language model makes of beginnings of texts."""

    predictor: LanguagePredictor

    def __init__(self, predictor: LanguagePredictor) -> None:
        super().__init__(predictor)

    def go_on(self, inputs: object, *, num: int, seed: int, batch_size: int) -> list[Answer]:
        """So many continuations of each text, in order."""
        if num < 1:
            raise UserError(f"num must be 1 or more, got {num} (set num)")
        if not 0 <= seed < 2**31:
            raise UserError(f"seed must be from 0 to {2**31 - 1}, got {seed} (set seed)")
        given = [inputs] if isinstance(inputs, str) else inputs
        if isinstance(given, Sequence):
            given = [each for each in given for _ in range(num)]
        self.predictor.seed = seed
        return self.predict(given, batch_size=batch_size)


def _is_list(given: object) -> TypeGuard[Sequence[object]]:
    return isinstance(given, Sequence) and not isinstance(given, str)


def _sentence(given: object, predictor: EntityFinder) -> tuple[str, Offsets]:
    """A text and where its words stand, from a text or from its words."""
    if _is_list(given):
        words = [_text(each) for each in given]
        if blank := [word for word in words if not word.strip()]:
            raise UserError(f"a word must have a letter, got {blank[0]!r} in {words} (leave it out)")
        return joined(words)
    text = _text(given)
    return text, predictor.split(text)


def _text(given: object) -> str:
    if isinstance(given, Path) or (isinstance(given, str) and _is_file(given)):
        name = str(given)
        raise UserError(
            f"a text must be given itself, got the file {name} (give Path({name!r}).read_text().splitlines())"
        )
    if not isinstance(given, str):
        raise UserError(f"a text must be a str, got {given!r} (give a text, or a list of texts)")
    if any("\ud800" <= character <= "\udfff" for character in given):
        raise UserError(f"a text must be Unicode, got {given!r}")
    return given


def _is_file(text: str) -> bool:
    """Whether it is the path of a file that is there, which nobody means as a text."""
    try:
        return ("/" in text or Path(text).suffix != "") and Path(text).is_file()
    except (OSError, ValueError):
        return False
