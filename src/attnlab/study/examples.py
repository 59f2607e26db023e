"""What one training example is to a model: the inputs of a forward pass, by which costs are counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, cast, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn

from attnlab.data.detection.batch import DetectionBatch
from attnlab.data.images.batch import ImageBatch
from attnlab.data.language.batch import LanguageBatch
from attnlab.data.loading.batching import PlansByLength
from attnlab.data.module import DataModule
from attnlab.data.tagging.sentences import TaggingBatch
from attnlab.data.text.text_pairs import TextPairBatch
from attnlab.models.adversarial.pair import AdversarialPair


class Pass(NamedTuple):
    """A network and what it takes."""

    network: nn.Module
    inputs: Sequence[Tensor | None]


@runtime_checkable
class _Pair(Protocol):
    """What tells an adversarial pair (`attnlab.models.adversarial.pair`); its networks are parts of it."""

    latent_dim: int
    conditional: bool


@dataclass(frozen=True)
class Example:
    """A batch of one, and what of the data it is, in words."""

    batch: Any
    described: str

    def passes(self, model: Any, *, device: str) -> list[Pass]:
        """The forward passes of a model on it, with inputs on a device; none for a kind of batch of the user's own.

        Of an adversarial pair, one of each network.
        """
        batch = self.batch
        if isinstance(batch, TextPairBatch):
            passes = [Pass(model, (batch.source, batch.target[:, :-1]))]
        elif isinstance(batch, TaggingBatch):
            passes = [Pass(model, (batch.words, batch.characters))]
        elif isinstance(batch, LanguageBatch):
            passes = [Pass(model, (batch.tokens,))]
        elif isinstance(batch, DetectionBatch):
            passes = [Pass(model, (batch.images, batch.extents))]
        elif isinstance(batch, ImageBatch):
            passes = (
                _of_pair(cast(AdversarialPair, model), batch)
                if isinstance(model, _Pair)
                else [Pass(model, (batch.images,))]
            )
        else:
            passes = []
        return [Pass(each.network, [_on(device, one) for one in each.inputs]) for each in passes]


def example_of(data: DataModule) -> Example:
    """The training example of median length, where lengths differ, of data that is prepared."""
    plans = data.plans
    row, described = 0, "one training example"
    if isinstance(plans, PlansByLength):
        sides = plans.lengths["train"].reshape(plans.num_examples("train"), -1)
        total = sides.sum(axis=1)
        row = int(np.argsort(total, kind="stable")[(len(total) - 1) // 2])
        described = f"a training example of median length, {' + '.join(str(each) for each in sides[row])} tokens"
    batch = data.batch_of("train", np.array([row]))
    if isinstance(batch, (ImageBatch, DetectionBatch)):
        described = f"a training image of {' x '.join(str(side) for side in batch.images.shape[1:])}"
    if isinstance(batch, LanguageBatch):
        described = f"a training block of {batch.tokens.shape[1]} tokens"
    return Example(batch, described)


def _of_pair(pair: AdversarialPair, batch: ImageBatch) -> list[Pass]:
    labels = batch.labels if pair.conditional else None
    latents = torch.zeros(1, pair.latent_dim)
    return [Pass(pair.generator, (latents, labels)), Pass(pair.discriminator, (batch.images, labels))]


def _on(device: str, value: Tensor | None) -> Tensor | None:
    return None if value is None else value.to(device)
