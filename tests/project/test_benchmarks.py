"""The benchmarks' machinery on arms whose results are known; nothing here depends on how fast anything is."""

import json
import math
import statistics
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from benchmarks import ratios, report, runner, selection, timing


def logged(log: Path, name: str, value: float) -> runner.Measures:
    """An arm that measures `value` and leaves word of itself."""
    import os

    with log.open("a") as file:
        file.write(f"{name} {os.getpid()}\n")
    return {"cpu": value}


def array(*values: float) -> list[np.ndarray]:
    return [np.array(values), np.array([[1.0]])]


def failing() -> runner.Measures:
    raise ValueError("window must be odd, got 2")


def dying() -> runner.Measures:
    import os

    os._exit(3)


def test_arms_take_turns_forwards_and_backwards_each_in_a_process_of_its_own(tmp_path):
    arms = {name: partial(logged, tmp_path / "log", name, value) for name, value in (("a", 2.0), ("b", 3.0))}
    measured = runner.measure(arms, rounds=3)
    assert measured == {"a": [{"cpu": 2.0}] * 3, "b": [{"cpu": 3.0}] * 3}
    names, processes = zip(*(line.split() for line in (tmp_path / "log").read_text().splitlines()), strict=True)
    assert names == tuple("abbaab")
    assert len(set(processes)) == 6


def test_a_wrong_arm_is_caught_before_anything_is_measured():
    runner.check_equal({"ours": partial(array, 1.0, 2.0), "peer": partial(array, 1.0, 2.00001)})
    with pytest.raises(runner.UnequalOutputs, match="output 0 of 'peer' isn't that of 'ours'"):
        runner.check_equal({"ours": partial(array, 1.0, 2.0), "peer": partial(array, 1.0, 2.1)})
    with pytest.raises(runner.UnequalOutputs):
        runner.check_equal({"ours": partial(array, 1.0, 1.0), "peer": partial(array, 1.0)})
    with pytest.raises(runner.UnequalOutputs):
        runner.check_equal({"ours": partial(array, 1.0), "peer": partial(array, math.nan)})


def test_an_arm_that_fails_fails_the_comparison():
    with pytest.raises(ValueError, match="window must be odd, got 2"):
        runner.in_fresh_process(failing)
    with pytest.raises(RuntimeError, match="exit code 3"):
        runner.in_fresh_process(dying)


def test_ratio_is_taken_round_by_round():
    # Every round is slower than the one before, for both: ours takes half the time in each.
    against = ratios.ratio([1.0, 3.0, 5.0], [2.0, 6.0, 10.0])
    assert against == ratios.Ratio(0.5, 0.5, 0.5)
    assert ratios.ratio([1.0, 3.0, 2.0], [1.0, 1.0, 1.0]) == ratios.Ratio(2.0, 1.0, 3.0)


@pytest.mark.parametrize("rounds, left_out", [(2, 0), (5, 0), (7, 0), (8, 1), (11, 2), (17, 4)])
def test_interval_leaves_out_what_confidence_allows(rounds, left_out):
    against = ratios.ratio([float(index) for index in range(rounds)], [1.0] * rounds)
    assert (against.low, against.high) == (left_out, rounds - 1 - left_out)
    assert against.median == statistics.median(range(rounds))
    assert ratios.coverage(left_out + 1, rounds) < ratios.CONFIDENCE
    assert ratios.coverage(left_out, rounds) >= ratios.CONFIDENCE or rounds < 5


def test_coverage_is_that_of_a_fair_coin():
    # The median of 3 lies outside their range if all lie on one side of it: 2 of 8 ways.
    assert ratios.coverage(0, 3) == 0.75
    assert ratios.coverage(1, 5) == 1 - 2 * 6 / 32


def test_target_holds_if_the_lower_end_does():
    assert ratios.Ratio(1.2, 1.05, 1.3).holds(1.05)
    assert not ratios.Ratio(1.2, 1.06, 1.3).holds(1.05)


def test_best_peer_is_the_one_of_the_least_median():
    measured = {
        "ours": [{"cpu": 3.0}] * 3,
        "steady": [{"cpu": 2.0}] * 3,
        "lucky": [{"cpu": value} for value in (1.0, 4.0, 4.0)],
    }
    assert ratios.ratio_to_best(measured, "ours", ["steady", "lucky"], "cpu") == ("steady", (1.5, 1.5, 1.5))


def test_a_run_whose_arm_differs_from_itself_is_void():
    measured = {"ours": [{"cpu": 1.0}] * 3, "again": [{"cpu": value} for value in (1.0, 1.06, 1.07)]}
    assert ratios.control(measured, "ours", "again", "cpu") == 1.06
    assert ratios.is_void(1.06)
    assert ratios.is_void(1 / 1.06)
    assert not ratios.is_void(0.96)
    assert not ratios.is_void(1.05)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_slope_is_the_exponent(exponent):
    lengths = [512, 1024, 4096]
    assert ratios.slope(lengths, [7 * n**exponent for n in lengths]) == pytest.approx(exponent)


def test_timing_warms_up_once_and_calls_at_least_twice(monkeypatch):
    monkeypatch.setattr(timing, "SECONDS", 0.0)
    calls = []
    measures = timing.time_calls(lambda: calls.append(1))
    assert len(calls) == 3
    assert 0 < measures["wall"] <= measures["wall_median"]
    assert 0 <= measures["cpu"] <= measures["cpu_median"]


def test_peak_memory_is_that_of_tensors_alive_at_once():
    import torch
    from benchmarks.memory import peak_bytes

    kept = []

    def call():
        first = torch.empty(1000, 1009)  # 4 bytes a number
        second = first.to(torch.float64)  # 8 bytes, beside the first
        del first
        kept.append(torch.empty_like(second, dtype=torch.uint8))  # 1 byte, when the first is gone

    before = torch.empty(5000, 5000)  # isn't the call's
    assert peak_bytes(call) == 12 * 1000 * 1009
    del before


def test_results_are_written_without_a_word_on_who_and_where(tmp_path):
    path = tmp_path / "results" / "x.json"
    rows = [{"mechanism": "dot", "ratio": 1 / 3, "target": None, "holds": True}, {"mechanism": "x", "length": 128}]
    report.write(path, "attention-time", rows, rounds=7)
    text = path.read_text(encoding="utf-8")
    assert str(Path.home()) not in text
    assert str(Path.cwd()) not in text
    written = json.loads(text)
    assert written["rows"] == [{"mechanism": "dot", "ratio": 0.3333, "holds": True}, {"mechanism": "x", "length": 128}]
    assert written["rounds"] == 7
    assert set(written["machine"]) == {
        "cpu",
        "cores",
        "memory_gib",
        "system",
        "python",
        "torch",
        "x-transformers",
        "fla-core",
    }
    assert report.table(rows).splitlines()[1].split() == ["dot", "0.3333", "yes"]


def test_rows_measured_again_take_the_place_of_theirs_alone(tmp_path):
    path = tmp_path / "x.json"
    report.write(path, "x", [{"mechanism": name, "ratio": 1.0} for name in "abba"], rounds=7)
    again = [{"mechanism": name, "ratio": 2.0} for name in "cbb"]
    report.write(path, "x", again, only=["b", "c"], rounds=7)
    rows = [(row["mechanism"], row["ratio"]) for row in json.loads(path.read_text(encoding="utf-8"))["rows"]]
    assert rows == [("a", 1.0), ("b", 2.0), ("b", 2.0), ("a", 1.0), ("c", 2.0)]
    before = path.read_bytes()
    with pytest.raises(SystemExit, match=r"error: .*x\.json was measured otherwise, so it can't be completed"):
        report.write(path, "x", again, only=["b"], rounds=2)
    assert path.read_bytes() == before
    report.write(path, "x", again, rounds=2)
    assert len(json.loads(path.read_text(encoding="utf-8"))["rows"]) == 3


def test_attention_benchmarks_compare_equals_and_report_every_length(monkeypatch):
    from benchmarks import attention_memory, attention_time

    monkeypatch.setattr(runner, "in_fresh_process", lambda function: function())
    monkeypatch.setattr(timing, "SECONDS", 0.0)
    rows = attention_time.run(rounds=2, only=["scaled_dot", "t5_bias", "sigmoid"], lengths=(5, 7), tokens=14)
    assert len(rows) == 2 * (5 + 1 + 1)
    assert {row["target"] for row in rows if row["mechanism"] == "sigmoid"} == {None}
    assert {row["target"] for row in rows if row["mechanism"] != "sigmoid"} == {1.05}

    rows = attention_memory.run(rounds=2, only=["scaled_dot", "general", "sigmoid", "retnet"], lengths=(64, 128))
    slopes = {(row["mechanism"], row["arm"], row["case"]): row["slope"] for row in rows if row["measure"] == "slope"}
    assert slopes["scaled_dot", "ours", "mask"] == pytest.approx(1, abs=0.05)
    assert slopes["retnet", "ours", "mask, causal"] == pytest.approx(1, abs=0.05)
    assert slopes["sigmoid", "ours", "mask"] > 1.5
    assert ("scaled_dot", "ours", "mask, causal") in slopes  # beside which retnet is drawn
    assert [row["measure"] for row in rows if "ratio" in row] == ["memory / naive", "time / naive"]


def test_what_a_state_keeps_is_counted_and_keys_grow(monkeypatch):
    from benchmarks import recurrent_states

    monkeypatch.setattr(runner, "in_fresh_process", lambda function: function())
    monkeypatch.setattr(timing, "SECONDS", 0.0)
    rows = recurrent_states.run(rounds=2, only=["retnet", "rwkv7", "sigmoid"], lengths=(40, 80))
    kept = {(row["mechanism"], row["length"]): row["kept_kib"] for row in rows if row["measure"] == "step"}
    assert {name for name, _ in kept} == {"retnet", "rwkv7", "scaled_dot"}
    assert kept["retnet", 40] == kept["retnet", 80] == 4 * 32 * 32 * 4 / 1024  # heads, key by value channels, float32
    assert kept["scaled_dot", 80] == 2 * kept["scaled_dot", 40] == 2 * 80 * 128 * 4 / 1024
    assert {row["mechanism"] for row in rows if row["measure"] == "slope"} == {"retnet", "rwkv7"}
    assert all(row["holds"] for row in rows if row["measure"] == "step" and row["mechanism"] != "scaled_dot")


@pytest.mark.parametrize(
    "name, arguments, peer",
    [
        ("sibling_attention", {"lengths": (5, 7), "memory_lengths": (64, 128), "tokens": 14}, "scaled_dot"),
        ("feature_attention", {"sides": (3, 5), "positions": 50}, "convolution"),
    ],
)
def test_benchmarks_against_one_peer_have_time_and_memory_of_every_mechanism(name, arguments, peer, monkeypatch):
    benchmark = import_module(f"benchmarks.{name}")
    monkeypatch.setattr(runner, "in_fresh_process", lambda function: function())
    monkeypatch.setattr(timing, "SECONDS", 0.0)
    rows = benchmark.run(rounds=2, **arguments)
    group = "attention" if name == "sibling_attention" else "feature_attention"
    shipped = {each.name for each in selection.configurations(group) if "core" not in each.config}
    assert {row["mechanism"] for row in rows} == shipped | {peer}
    for mechanism in shipped | {peer}:
        own = [row for row in rows if row["mechanism"] == mechanism]
        assert [row["measure"] for row in own].count("time") == [row["measure"] for row in own].count("peak") == 2
        assert mechanism != peer or {row["ratio"] for row in own} == {1}
    peaks = {row["mechanism"]: row["mib"] for row in rows if row["measure"] == "peak"}
    assert all(0 < size < 5 * peaks[peer] for size in peaks.values())


PLAIN = ["cosine", "dot", "gaussian_kernel", "general", "rotary", "alibi", "qk_norm", "partial_rotary"]


@pytest.mark.parametrize("mechanism", [*PLAIN, "sink", "off_by_one", "gated_headwise", "gated_elementwise", "concat"])
def test_every_plain_way_to_write_a_mechanism_computes_the_same(mechanism, monkeypatch):
    from benchmarks import attention_arms
    from benchmarks.attention_peers import KERNELS, NAIVE

    monkeypatch.setattr(runner, "in_fresh_process", lambda function: function())
    (found,) = attention_arms.chosen([mechanism])
    case = attention_arms.Case(length=11, batch=2, num_heads=3, head_dim=6)
    plain = list(KERNELS) if mechanism not in NAIVE else [attention_arms.NAIVE_CODE]
    arms = [attention_arms.DEFINITION, attention_arms.OURS, *plain]
    runner.check_equal({arm: partial(attention_arms.results, arm, found, case) for arm in arms})


@pytest.mark.parametrize(
    "mechanism", ["forgetting", "retnet", "gla", "mamba2", "deltanet", "gated_deltanet", "kda", "rwkv7"]
)
def test_what_is_causal_is_compared_with_its_equals(mechanism, monkeypatch):
    from benchmarks import attention_time

    monkeypatch.setattr(runner, "in_fresh_process", lambda function: function())
    monkeypatch.setattr(timing, "SECONDS", 0.0)
    measured = []
    monkeypatch.setattr(runner, "measure", noting(measured, runner.measure))
    (row,) = attention_time.run(rounds=2, only=[mechanism], lengths=(67,), tokens=67)
    assert (row["case"], row["target"]) == ("mask, causal", 1.05)
    library = [] if mechanism == "gla" else ["flash-linear-attention"]
    peers = ["explicit", "sdpa", "x-transformers"] if mechanism == "forgetting" else ["definition", *library]
    assert measured == [["ours", *peers, "again"]]


def noting(measured, measure):
    """`measure`, and a note of which arms were."""

    def noted(arms, *, rounds):
        measured.append(list(arms))
        return measure(arms, rounds=rounds)

    return noted


def test_an_unknown_mechanism_is_one_line():
    from benchmarks import attention_arms

    with pytest.raises(SystemExit, match="error: no mechanism is named 'scaled_dto'"):
        attention_arms.chosen(["scaled_dto"])


def _swept(folder, launcher, cores, overrides):
    """What a sweep of two runs leaves, in the place of one that trains."""
    import torch

    for name in ("a", "b"):
        run = folder / "task" / "model" / name
        (run / "checkpoints").mkdir(parents=True)
        torch.save({"state_dict": {"weight": torch.ones(3)}}, run / "checkpoints" / "last.ckpt")
        (run / "metrics.json").write_text(json.dumps({"test": {"loss": 0.5}, "best": {"score": None}}))
        (run / "predictions.jsonl").write_text("{}\n")
    return {"basic": 8.0, "local": 4.0}[launcher]


def test_sweeps_are_compared_if_their_runs_are_the_same(tmp_path, monkeypatch):
    import torch
    from benchmarks import side_by_side

    monkeypatch.setattr(side_by_side, "_sweep", _swept)
    (row,) = side_by_side.run(rounds=2, only=None, runs=2)
    assert (row["ratio"], row["holds"], row["peer_wall_s"]) == (0.5, True, 8.0)
    for launcher in ("basic", "local"):
        _swept(tmp_path / launcher, launcher, [], [])
    side_by_side.check_same(tmp_path / "basic", tmp_path / "local", runs=2)
    with pytest.raises(runner.UnequalOutputs, match="2 and 2 finished runs of 3"):
        side_by_side.check_same(tmp_path / "basic", tmp_path / "local", runs=3)
    path = tmp_path / "local" / "task" / "model" / "b" / "checkpoints" / "last.ckpt"
    stored = torch.load(path, weights_only=True)
    stored["state_dict"]["weight"][1] += 1e-7
    torch.save(stored, path)
    with pytest.raises(runner.UnequalOutputs, match="the runs in task/model/b differ"):
        side_by_side.check_same(tmp_path / "basic", tmp_path / "local", runs=2)
