"""An extractor of other classes than the data's is named before training."""

import logging

import pytest
from lightning.pytorch.utilities import rank_zero_only

from attnlab.errors import UserError
from attnlab.metrics import FashionMnistCNN
from attnlab.tasks.adversarial.extractor_classes import check_classes

GARMENTS, ANIMALS = list(FashionMnistCNN().classes), ["cat", "dog"]


class Classless:
    name, classes = "classless", None


def test_other_classes_are_one_line_of_the_first_process(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with caplog.at_level(logging.WARNING):
        check_classes(FashionMnistCNN(), GARMENTS, monitor="val/class_accuracy")
        check_classes(Classless(), ANIMALS, monitor="val/fid_classless")
        assert not caplog.messages
        check_classes(FashionMnistCNN(), ANIMALS, monitor="val/fid_fashion_mnist_cnn")
        monkeypatch.setattr(rank_zero_only, "rank", 1)
        check_classes(FashionMnistCNN(), ANIMALS, monitor="val/fid_fashion_mnist_cnn")
    (line,) = caplog.messages
    assert "fashion_mnist_cnn was trained on other classes (T-shirt/top, ...) than this data's (cat, ...)" in line


@pytest.mark.parametrize("extractor", [FashionMnistCNN(), Classless()])
def test_an_accuracy_that_is_never_measured_is_not_monitored(extractor: FashionMnistCNN | Classless) -> None:
    with pytest.raises(
        UserError, match=rf"got monitor val/class_accuracy and extractor {extractor.name} \(set task.monitor, or"
    ):
        check_classes(extractor, ANIMALS, monitor="val/class_accuracy")
