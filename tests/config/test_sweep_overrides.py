"""Sweeps as overrides: which values a sampled one shows."""

from attnlab.config.sweep_overrides import expand_sweep, sample_sweep


def test_a_sampled_sweep_shows_each_value_and_both_ends() -> None:
    jobs = sample_sweep(
        ["seed=1", "optimizer.lr=interval(0.1,0.5)", "model.num_layers=range(1,4)", "attention=dot,cosine"]
    )
    assert jobs[0] == ["seed=1", "optimizer.lr=0.1", "model.num_layers=1", "attention=dot"]
    assert jobs[1:] == [
        ["seed=1", "optimizer.lr=0.5", "model.num_layers=1", "attention=dot"],
        ["seed=1", "optimizer.lr=0.1", "model.num_layers=4", "attention=dot"],
        ["seed=1", "optimizer.lr=0.1", "model.num_layers=1", "attention=cosine"],
    ]


def test_a_sweep_is_every_combination() -> None:
    jobs = expand_sweep(["attention=additive,uniform", "seed=1,2", "model.dim=64"])
    assert len(jobs) == 4
    assert ["attention=uniform", "seed=2", "model.dim=64"] in jobs
