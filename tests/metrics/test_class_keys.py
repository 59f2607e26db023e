"""Classes as parts of metrics' names: no two alike."""

import pytest

from attnlab.metrics.class_keys import class_keys


@pytest.mark.parametrize(
    "classes, keys",
    [
        (["T-shirt/top", "Bag", "small"], ["t_shirt_top", "bag", "small"]),
        (["猫", "Ankle boot"], ["猫", "ankle_boot"]),
        (["a b", "A-B", "c"], ["0", "1", "c"]),
        (["x", "+"], ["x", "1"]),
        (["Cat", "dog", "cat", "0"], ["class_0", "dog", "2", "0"]),
        ([str(each) for each in range(10)], [str(each) for each in range(10)]),
        ([], []),
    ],
)
def test_only_classes_that_would_be_alike_or_nothing_have_numbers(classes: list[str], keys: list[str]) -> None:
    assert class_keys(classes) == keys
    assert len(set(keys)) == len(keys)
