"""What a generator and a discriminator minimise, from the discriminator's logits; means over a batch."""

from typing import Protocol

import torch.nn.functional as F
from torch import Tensor


class AdversarialLoss(Protocol):
    """The two sides of a game; logits (B,) are above zero for what is judged real."""

    def discriminator(self, real: Tensor, generated: Tensor) -> Tensor:
        """The discriminator's loss on logits of real and of generated images."""
        ...

    def generator(self, generated: Tensor) -> Tensor:
        """The generator's loss on logits of its images."""
        ...


class HingeLoss:
    """L_D = E max(0, 1 - D(x)) + E max(0, 1 + D(G(z))),  L_G = -E D(G(z))

    The discriminator gains nothing from being surer than by one, so that its logits stay where they still tell the
    generator something (Lim and Ye, 2017; Miyato et al., 2018, eq. 17).
    """

    def discriminator(self, real: Tensor, generated: Tensor) -> Tensor:
        return F.relu(1 - real).mean() + F.relu(1 + generated).mean()

    def generator(self, generated: Tensor) -> Tensor:
        return -generated.mean()


class NonSaturatingLoss:
    """L_D = -E log s(D(x)) - E log(1 - s(D(G(z)))),  L_G = -E log s(D(G(z))),  s the logistic function

    The generator's is not the discriminator's with the other sign, whose gradient vanishes where the generator is
    still bad (Goodfellow et al., 2014, section 3).
    """

    def discriminator(self, real: Tensor, generated: Tensor) -> Tensor:
        return F.softplus(-real).mean() + F.softplus(generated).mean()

    def generator(self, generated: Tensor) -> Tensor:
        return F.softplus(-generated).mean()
