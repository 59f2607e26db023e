"""Images that a run makes of nothing but a seed."""

import torch
from PIL import Image
from torch import Tensor

from attnlab.api.answers import Answer, AttentionMap
from attnlab.commands.predict.generation import NUM, NUM_MAPPED, SEED, label_of
from attnlab.errors import UserError
from attnlab.models.predictors import ImageGenerator


class GeneratedImages:
    """What a generator makes; the pictures of a seed are those of `attnlab predict`, whatever their number."""

    def __init__(self, predictor: ImageGenerator) -> None:
        self.predictor = predictor

    def predict(self, *, num: int | None, seed: int | None, label: str | None, batch_size: int) -> list[Answer]:
        """A picture each; of which class stands in its details."""
        num, seed = (NUM if num is None else num), (SEED if seed is None else seed)
        labels = self._labels(label, num=num, seed=seed)
        answers: list[Answer] = []
        for pictures, known in self.predictor.generate(num, seed=seed, labels=labels, batch_size=batch_size):
            for row, pixels in enumerate(pictures.cpu()):
                details = {"class": None if known is None else self._name(int(known[row])), "seed": seed}
                answers.append(Answer("", _image(pixels), None, details))
        return answers

    def attention(self, *, num: int | None, seed: int | None, label: str | None) -> list[AttentionMap]:
        """In both networks, for the first images of a seed."""
        num, seed = (NUM_MAPPED if num is None else num), (SEED if seed is None else seed)
        labels = self._labels(label, num=num, seed=seed)
        return [AttentionMap(each) for each in self.predictor.sample_pictures(num, seed=seed, labels=labels)]

    def _labels(self, label: str | None, *, num: int, seed: int) -> Tensor | None:
        if num < 1:
            raise UserError(f"num must be 1 or more, got {num} (set num)")
        if not 0 <= seed < 2**63:
            raise UserError(f"seed must be from 0 to {2**63 - 1}, got {seed} (set seed)")
        number = label_of(self.predictor.classes, label, asked_by="label=")
        return None if number is None else torch.full((num,), number)

    def _name(self, label: int) -> str | None:
        classes = self.predictor.classes
        return None if classes is None else classes[label]


def _image(pixels: Tensor) -> Image.Image:
    """Pillow's, grey or RGB, of bytes (C, H, W)."""
    grey = pixels.size(0) == 1
    return Image.fromarray((pixels[0] if grey else pixels.permute(1, 2, 0)).contiguous().numpy())
