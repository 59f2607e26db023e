"""What the configuration asks of code: a run's folder follows what is computed, its name what was chosen."""

import pytest

from attnlab.config.compose import compose_run


@pytest.mark.text
@pytest.mark.parametrize("version, fused", [("2.3.1+cu121", False), ("2.14.1", True)])
def test_optimizers_are_fused_where_torch_has_that_for_every_device(
    version: str, fused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attnlab.config.resolvers.version", lambda _: version)
    assert compose_run(["optimizer=adamw"]).optimizer.fused is fused
    assert compose_run(["optimizer=adam", "optimizer.fused=false"]).optimizer.fused is False


def test_the_folder_follows_what_is_computed_and_nothing_else() -> None:
    folder = str(compose_run(["seed=1"]).output_dir)
    assert folder.startswith("outputs/translation/attention_seq2seq-scaled_dot/")
    assert str(compose_run(["seed=1"]).output_dir) == folder
    assert str(compose_run(["seed=1", "logger=none", "trainer.enable_progress_bar=false"]).output_dir) == folder
    assert str(compose_run(["seed=2"]).output_dir) != folder
    assert str(compose_run(["seed=1", "optimizer.lr=0.01"]).output_dir) != folder


def test_how_fast_data_is_read_is_no_part_of_what_is_computed() -> None:
    of_files = ["task=object_detection", "data=voc", "data.root=folder"]
    folder = str(compose_run(of_files).output_dir)
    for same in ("data.num_workers=3", "data.memory_mb=0", "data.cache_dir=elsewhere"):
        assert str(compose_run([*of_files, same]).output_dir) == folder
    for other in ("data.batch_size=3", "data.root=elsewhere", "trainer.threads=1"):
        assert str(compose_run([*of_files, other]).output_dir) != folder


def test_a_run_without_attention_is_not_named_after_one() -> None:
    assert compose_run(["model=seq2seq"]).name == "seq2seq"
