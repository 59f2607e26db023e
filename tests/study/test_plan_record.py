import json
from pathlib import Path

from tiny_study import made_plan
from tiny_tuning import made_tuned_plan

from attnlab.study.expected_time import ExpectedTime
from attnlab.study.plan_record import plan_record


def test_a_plan_is_plain_values() -> None:
    plan = made_plan(budget={"updates": 8}, margin=2)
    times = {each.name: ExpectedTime(left=5, seconds_a_run=None) for each in plan.arms}
    record = plan_record(plan, times)
    assert json.loads(json.dumps(record)) == record
    assert record["budget"] == {"updates": 8}
    assert (record["metric"], record["better"], record["margin"]) == ("chrf", "max", 2.0)
    assert len(record["jobs"]) == 15
    additive = record["arms"]["additive"]
    assert additive["parameters"]["total"] == 1234
    assert additive["training_flops"] == 21000
    assert additive["matched"] == {
        "key": "model.dim",
        "value": 9,
        "cost": 103,
        "target": 100,
        "gap": additive["matched"]["gap"],
        "far": True,
    }
    assert record["arms"]["none"]["forward"] is None
    assert record["arms"]["none"]["confounded"]
    assert record["tuning"] is None


def test_so_is_its_tuning(tmp_path: Path) -> None:
    plan = made_tuned_plan(tmp_path)
    times = {each.name: ExpectedTime(left=5, seconds_a_run=None) for each in plan.arms}
    record = plan_record(plan, times)
    assert json.loads(json.dumps(record)) == record
    assert (record["tuning"]["trials"], record["tuning"]["seed"], record["tuning"]["chosen"]) == (3, 1000, {})
    assert len(record["tuning"]["trials_of_arms"]) == 9
    assert record["jobs"] == []
