"""Signs that two networks that learn against each other have gone astray, and what to say of them."""

import math

import torch
from torch import Tensor

from attnlab.metrics.extractors.contract import Extractor

# Shares of real and of generated images that the discriminator judges right. Pairs that learn misjudge some of each:
# on Fashion-MNIST it was right on 0.6 to 0.95 of both. Where it errs once in a hundred it has little left to say.
NEARLY_ALL = 0.99

# The mean distance of two images, as a share of what it is among real ones. Measured on 256 of Fashion-MNIST's test
# images: 1.0, of one class alone 0.60 or more, blurred by 9 pixels 0.59; one image under noise 0.06 to 0.30.
LEAST_DIFFERENCE = 0.4

# Precision and recall of 2,000 pictures, in the features of fashion_mnist_cnn. Measured likewise: real images 0.89 and
# 0.89, of one class alone 0.87 or more and 0.08 to 0.26; 1 to 300 images over and over under noise at most 0.07 in
# recall; six generators of 500 to 1,000 updates 0.61 to 0.85 and 0.16 to 0.61.
LOOKS_REAL, LEAST_RECALL = 0.5, 0.1

# A class of ten real images or more is missing if its share of samples is less than a tenth of what it is of these,
# which chance hardly does. Of ten classes half or more were missing from real garments of one class alone, none from
# samples of generators that had only begun.
MISSING, LEAST_PER_CLASS = 0.1, 10
MOST_MISSING = 0.5


def saturation(real: float, generated: float) -> str | None:
    """What to say where the discriminator judges these shares of real and generated images right; None if all is well.

    It then tells the generator hardly anything.
    """
    if not (real >= NEARLY_ALL and generated >= NEARLY_ALL):  # NaN is no share
        return None
    return f"the discriminator judges {real:.1%} of real and {generated:.1%} of generated images right"


def collapse(difference: float, precision: float, recall: float, missing: tuple[int, int] | None) -> str | None:
    """What to say where samples are nearly alike, or look real but are few; None if all is well.

    Args:
        difference: `mean_difference` of samples, as a share of that of real images.
        precision, recall: of samples; NaN if they aren't known.
        missing: how many classes of real images, and of how many.
    """
    if difference < LEAST_DIFFERENCE:
        return f"samples differ from each other by {difference:.0%} of what real images do"
    if math.isnan(precision) or precision < LOOKS_REAL:  # what they are of doesn't matter yet
        return None
    if recall < LEAST_RECALL:
        return f"{precision:.0%} of samples look real, but they cover {recall:.1%} of real images"
    if missing is not None and missing[0] >= MOST_MISSING * missing[1]:
        return f"{precision:.0%} of samples look real, but {missing[0]} of {missing[1]} classes are missing"
    return None


def mean_difference(pictures: Tensor) -> float:
    """The mean distance of two of these pictures (N, C, H, W)."""
    return float(torch.pdist(pictures.flatten(1).float()).mean())


def class_counts(extractor: Extractor, pictures: Tensor) -> Tensor | None:
    """How many of these pictures uint8 (N, C, H, W) the extractor takes for each of its K classes, be they of others.

    (K,); None if it knows none.
    """
    logits = extractor.logits(extractor.features(pictures)) if extractor.classes is not None else None
    return None if logits is None else torch.bincount(logits.argmax(dim=1), minlength=logits.size(1))


def missing_classes(real: Tensor, generated: Tensor) -> tuple[int, int] | None:
    """How many of the classes that real images have are hardly among samples, and of how many; both counts are (K,).

    What real images aren't taken for says nothing, and None does where most are of classes too rare to tell.
    """
    known = real >= LEAST_PER_CLASS
    if 2 * real[known].sum() < real.sum():
        return None
    least = MISSING * real[known] / real.sum()
    return int((generated[known] / generated.sum() < least).sum()), int(known.sum())
