"""Objects as arrays, also where there are none."""

import numpy as np
import pytest

from attnlab.data.detection.sets import boxed_objects


@pytest.mark.parametrize("num", [0, 1, 3])
def test_arrays_have_their_types_and_shapes_for_any_number_of_objects(num: int) -> None:
    found = boxed_objects([[1, 2, 3.5, 4]] * num, [7] * num)
    assert (found.boxes.shape, found.labels.shape, found.ignored.shape) == ((num, 4), (num,), (num,))
    assert (found.boxes.dtype, found.labels.dtype, found.ignored.dtype) == (np.float32, np.int64, np.bool_)
    assert found.boxes.tolist() == [[1, 2, 3.5, 4]] * num
    assert not found.ignored.any()
    assert found.areas.tolist() == [0] * num


def test_what_is_to_be_ignored_is_kept() -> None:
    assert boxed_objects([[0, 0, 1, 1]] * 3, [0, 1, 2], [True, False, True]).ignored.tolist() == [True, False, True]
