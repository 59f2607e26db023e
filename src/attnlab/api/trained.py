"""A trained run as an object that answers, from its checkpoint alone."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import torch
from torch import nn

from attnlab.api.answers import Answer, AttentionMap
from attnlab.api.generated import GeneratedImages
from attnlab.api.images import ImageAnswers, ImageInput
from attnlab.api.overrides import check_list, listed
from attnlab.api.texts import ContinuedTexts, TextAnswers, TextInput
from attnlab.api.wording import in_python
from attnlab.config.trusted_files import trusted
from attnlab.errors import ByName, UserError, closest
from attnlab.models.language_models.predictor import LanguagePredictor
from attnlab.models.predictors import TAKEN_BY, ImageGenerator, ImagePredictor, Predictor, TextPredictor
from attnlab.runs import build, checkpoint, own_code
from attnlab.runs.device import check_device, move
from attnlab.runs.named import run_named

if TYPE_CHECKING:
    from attnlab.runs.evaluate import Evaluation

Input = TextInput | ImageInput


@in_python()
def load(
    run: str | Path, *, trust: Sequence[str] = (), trust_file: bool = False, device: str | torch.device = "cpu"
) -> "TrainedModel":
    """The trained model of a run, which is named by its folder, a checkpoint, the beginning of its hash, or `last`.

    The device is `cpu`, `cuda`, `cuda:1` or `mps`. A checkpoint runs no code but attnlab's own and that of the packages
    in `trust`, of which a warning says if it isn't what the run was trained with. To torch before 2.10 it may do more,
    so there `trust_file` says that it is the user's own.

    Raises:
        UserError: there is no such run, it can't be trusted, or the device can't be used.
    """
    check_list(trust, "trust", "packages")
    check_device(str(device))
    run = run_named(run)
    path = checkpoint.find(run)
    if (said := own_code.changed(path.absolute().parent.parent)) is not None:
        warnings.warn(f"this model may not be that of the run: {said}", stacklevel=3)
    own = (path.absolute().parent,) if trust_file else ()
    with trusted(*own):
        config, predictor = build.restore_predictor(path, trust=tuple(trust))
    move(predictor.modules, str(device))
    return TrainedModel(run, config, predictor, trust=tuple(trust), own=own)


class TrainedModel:
    """What a run has learned; `load` makes it. Its answers are those of `attnlab predict`, its scores `evaluate`'s.

    Attributes:
        run: the folder or the checkpoint.
        config: the run's resolved configuration.
        predictor: the model with its codec.
    """

    def __init__(
        self, run: Path, config: dict[str, Any], predictor: Predictor, *, trust: tuple[str, ...], own: tuple[Path, ...]
    ) -> None:
        self.run, self.config, self.predictor, self.trust, self._own = run, config, predictor, trust, own
        self._answers = _answers(predictor)

    @property
    def network(self) -> nn.Module:
        """The trained module in evaluation mode: of a pair of adversarial networks, both; else the model."""
        return self.predictor.modules["model"]

    @in_python()
    def predict(
        self,
        inputs: Input | Sequence[Input] | None = None,
        *,
        batch_size: int = 32,
        num: int | None = None,
        seed: int | None = None,
        label: str | None = None,
    ) -> list[Answer]:
        """An answer to each input, in order; a lone input has a list of one.

        Translation and summarization take texts and give texts. Language models take beginnings of texts and give `num`
        (1) continuations of each, of a `seed` (0). Name recognition takes texts, or lists of words, and
        gives entities: `start`, `end` (code points, end exclusive), `label`, `text`. Classification and detection take
        images: paths, pictures of Pillow, or bytes (C, H, W), (H, W) or (H, W, C) as tensors or arrays; they give a
        class, or objects with `label`, `score` and `box` (left, top, right, bottom in pixels). Image generation takes
        no input and gives `num` pictures of Pillow (64) for a `seed` (0), of the class `label` where the run knows
        classes; else these take turns.

        Raises:
            UserError: an input of another kind, or an argument that this run has no use for.
        """
        _check_whole(batch_size=batch_size, num=num, seed=seed)
        if batch_size < 1:
            raise UserError(f"batch_size must be 1 or more, got {batch_size} (set batch_size)")
        if isinstance(self._answers, GeneratedImages):
            _check_no_input(inputs)
            return self._answers.predict(num=num, seed=seed, label=label, batch_size=batch_size)
        if isinstance(self._answers, ContinuedTexts):
            self._check_given(inputs, label=label)
            num, seed = 1 if num is None else num, 0 if seed is None else seed
            return self._answers.go_on(inputs, num=num, seed=seed, batch_size=batch_size)
        self._check_given(inputs, num=num, seed=seed, label=label)
        return self._answers.predict(inputs, batch_size=batch_size)

    @in_python()
    def attention(
        self,
        given: Input | None = None,
        *,
        num: int | None = None,
        seed: int | None = None,
        label: str | None = None,
    ) -> list[AttentionMap]:
        """What the model attends to for one input, from its first layer to its last; none without attention.

        For a text this goes along with what `predict` answers; of a text that is read in pieces it is the first
        piece's. A run that generates images takes no input, and shows the first `num` (4) of a `seed`.

        Raises:
            UserError: as `predict`.
        """
        _check_whole(num=num, seed=seed)
        if isinstance(self._answers, GeneratedImages):
            _check_no_input(given)
            return self._answers.attention(num=num, seed=seed, label=label)
        self._check_given(given, num=num, seed=seed, label=label)
        return self._answers.attention(given)

    @in_python()
    def score(self, *overrides: str | Sequence[str], ablate: bool = False) -> "Evaluation":
        """The test once more, as `attnlab evaluate` has it: `.scores` by name, what they cover and what to be wary of.

        `overrides` change data, task and trainer, as `data.root=FOLDER`; with `ablate`, `.ablated` holds the scores of
        the same model with all weights of attention even.

        Raises:
            UserError: an override that doesn't fit, or the data isn't there.
        """
        from attnlab.runs.evaluate import evaluate

        with trusted(*self._own):
            found = evaluate(str(self.run), listed(overrides), trust=self.trust, ablate=ablate)
        ablated = None if found.ablated is None else ByName(found.ablated)
        return found._replace(scores=ByName(found.scores), ablated=ablated)

    def __call__(self, *given: object, **named: object) -> NoReturn:
        """A trained model isn't called.

        Raises:
            TypeError: always, with what to write.
        """
        raise TypeError("a trained model isn't called: write model.predict(...), or model.network(...) for its module")

    def __getattr__(self, name: str) -> NoReturn:
        """What isn't there, as all that a module of torch has, is told where it is."""
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no {name!r}", name=name)
        if hasattr(nn.Module, name):
            raise AttributeError(
                f"{type(self).__name__} has no {name!r}, as it is no torch.nn.Module but holds one, in evaluation "
                f"mode: write model.network.{name}",
                name=name,
            )
        known = [each for each in (*dir(type(self)), *vars(self)) if not each.startswith("_")]
        raise AttributeError(
            f"{type(self).__name__} has no {name!r}{closest(name, known)}; it has {', '.join(sorted(known))}", name=name
        )

    def _check_given(self, given: object, **unused: object) -> None:
        for name, value in unused.items():
            if value is not None:
                raise UserError(
                    f"the run at {self.run} generates no images, got {name}={value!r}, which is for runs that "
                    f"{TAKEN_BY[name]} (drop {name})"
                )
        if given is None:
            what = "images" if isinstance(self._answers, ImageAnswers) else "texts"
            raise UserError(f"the run at {self.run} takes {what}, got none (give it one, or a list)")

    def __repr__(self) -> str:
        return f"TrainedModel({str(self.run)!r}, {type(self.predictor.model).__name__})"


def _check_whole(**given: object) -> None:
    for name, value in given.items():
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise UserError(f"{name} must be a whole number, got {value!r} (set {name})")


def _check_no_input(given: object) -> None:
    if given is not None:
        raise UserError(f"a run that generates images takes no input, got {given!r} (set num, seed and label)")


def _answers(predictor: Predictor) -> TextAnswers | ImageAnswers | GeneratedImages:
    match predictor:
        case ImageGenerator():
            return GeneratedImages(predictor)
        case LanguagePredictor():
            return ContinuedTexts(predictor)
        case ImagePredictor():
            return ImageAnswers(predictor)
        case TextPredictor():
            return TextAnswers(predictor)
    raise UserError(
        f"a run of a task with an answer is loaded, got {type(predictor).__name__} (use attnlab.runs.build)"
    )
