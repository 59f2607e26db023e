"""What every feature extractor offers: pictures as numbers that say what they show."""

from collections.abc import Sequence
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor


class Extractor(Protocol):
    """A trained network, never trained further, in whose features pictures are compared.

    It isn't an nn.Module: a task that holds it neither trains nor stores it. Made, it has read nothing yet, so that a
    generator works where its extractor's files are missing; `signature`, `classes`, `features` and `logits` read them,
    which `load` does in good time. None of this draws random numbers.

    Attributes:
        name: lower case, after which scores are named: `fid_NAME`.
        signature: what tells this extractor from others, so that scores can be compared.
        classes: what `logits` are about; None without a classifier.
    """

    @property
    def name(self) -> str: ...
    @property
    def signature(self) -> str: ...
    @property
    def classes(self) -> Sequence[str] | None: ...

    def load(self) -> None:
        """Read the weights, unless that is done.

        Raises:
            UserError: they are missing or damaged.
        """
        ...

    def features(self, pictures: Tensor) -> Tensor:
        """(B, F) float32 on the pictures' device, of uint8 (B, C, H, W): one channel or three, any size."""
        ...

    def logits(self, features: Tensor) -> Tensor | None:
        """(B, K) of features (B, F); None without a classifier."""
        ...


def fitted(pictures: Tensor, *, channels: int, height: int, width: int) -> Tensor:
    """Pictures (B, C, H, W) uint8 as float32 from 0 to 255, in grey or RGB, of the size asked for.

    Grey is Pillow's weighting of RGB (ITU-R 601-2); another size is met by bilinear interpolation with antialiasing,
    whatever the proportions.
    """
    images = pictures.float()
    if images.size(1) == 3 and channels == 1:
        shares = torch.tensor([0.299, 0.587, 0.114], dtype=torch.float32, device=images.device)
        images = (images * shares[:, None, None]).sum(dim=1, keepdim=True).round()
    images = images.expand(-1, channels, -1, -1)
    if images.shape[2:] != (height, width):
        images = F.interpolate(images, size=(height, width), mode="bilinear", align_corners=False, antialias=True)
    return images
