"""What classified images add to the scores of a classifier: sums give those that the task reports."""

import numpy as np
import pytest
import torch

from attnlab.metrics.classification import scores_by_class
from attnlab.metrics.records.classes import of_image, scores_of_images
from attnlab.metrics.records.sums import RULES

CLASSES = ["Bag", "Coat", "T-shirt/top", "Hat"]
PAIRS = [("Bag", "Bag"), ("Bag", "Coat"), ("Coat", "Coat"), ("Coat", "Hat"), ("T-shirt/top", "Bag")]


def test_images_add_up_to_the_scores_of_their_classes() -> None:
    rows = [of_image(target, output) for target, output in PAIRS]
    hows = scores_of_images(iter(rows), CLASSES)
    found = {}
    for name, how in hows.items():
        numbers = [row[how.of].get(how.part, [0, 0, 0]) if how.part else row[how.of] for row in rows]
        found[name] = float(RULES[how.rule](np.array(numbers, dtype=np.float64).sum(axis=0)))
    counts = torch.zeros(4, 4, dtype=torch.long)
    for target, output in PAIRS:
        counts[CLASSES.index(target), CLASSES.index(output)] += 1
    assert found == pytest.approx(scores_by_class(counts, CLASSES) | {"accuracy": 2 / 5})


def test_a_class_that_was_only_guessed_has_no_scores() -> None:
    hows = scores_of_images([of_image("Bag", "Hat")], CLASSES)
    assert set(hows) == {"accuracy", "f1_bag", "precision_bag", "recall_bag"}
