"""Whether a run's records give the scores that it reported."""

import json
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pytest

from attnlab.study.records import read_records
from attnlab.study.statistics import LeftOut, centred

EXACT = 1e-9
SINGLE = 1e-6  # of what a task computes in 32 bits


def assert_records_agree(
    folder: Path, *, without: Collection[str] = (), in_single: Collection[str] = (), some_answered: bool = False
) -> None:
    """Each score but those `without` is that of all examples, and the mean of their centred values.

    `in_single` are those that the task computes in 32 bits; with `some_answered` not each example has a prediction.
    """
    records = read_records(folder)
    assert not records.earlier
    predicted = [json.loads(line)["id"] for line in (folder / "predictions.jsonl").read_text().splitlines()]
    assert records.ids.tolist() == predicted or (some_answered and set(predicted) < set(records.ids.tolist()))
    assert set(records.without) == set(without)
    assert set(records.scores) == set(records.reported) - set(without)
    for name in records.scores:
        near = SINGLE if name in in_single else EXACT
        score, others = records.scorer(name).leave_one_out()
        assert score == pytest.approx(records.reported[name], rel=near, abs=near), name
        assert others.shape == (len(records.cluster_names),)
        if np.isfinite(others).all():
            values = centred(LeftOut(score, others))
            assert values.mean() == pytest.approx(records.reported[name], rel=near, abs=near), name
