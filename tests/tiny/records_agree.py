"""Whether a run's records give the scores that it reported."""

import json
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pytest

from attnlab.study.records import SUMMED, read_records

LAST_BIT = 1e-6  # of what the run summed in 32 bits


def assert_records_agree(folder: Path, *, without: Collection[str] = ()) -> None:
    """Each score but those `without` comes again of all examples, and has a value without each of them."""
    records = read_records(folder)
    assert not records.earlier
    predicted = [json.loads(line)["id"] for line in (folder / "predictions.jsonl").read_text().splitlines()]
    assert records.ids.tolist() == predicted
    assert set(records.without) == set(without)
    assert set(records.scores) == set(records.reported) - set(without)
    for name, how in records.scores.items():
        score, others = records.scorer(name).leave_one_out()
        said = f"{name} {score!r}, reported {records.reported[name]!r}"
        if how.of in SUMMED:
            assert score == pytest.approx(records.reported[name], rel=LAST_BIT, abs=LAST_BIT), said
        else:  # what is reported is of 32 bits
            assert np.float32(score) == np.float32(records.reported[name]), said
        assert others.shape == (len(records.cluster_names),)
