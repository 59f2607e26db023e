"""A run's name, folder and resources follow its configuration."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from attnlab.config.compose import compose_run, sugar
from attnlab.config.identity import run_hash
from attnlab.config.resolvers import of_values
from attnlab.config.sweep_overrides import hydra_node


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


def test_what_lies_in_the_runs_folder_is_no_circle_and_the_same_run() -> None:
    def kept_in(folder: str, *more: str) -> Any:
        return compose_run([f"+callbacks.kept={{_target_:own.Kept,dirpath:'{folder}/more'}}", *more])

    there = kept_in("${output_dir}")
    assert there.callbacks.kept.dirpath == f"{there.output_dir}/more"
    assert there.output_dir == kept_in("${output_dir}").output_dir
    assert kept_in("${output_dir}", "output_root=there").run_path == there.run_path
    assert kept_in("elsewhere").run_path != there.run_path
    for config in (there, kept_in("${output_dir}", "output_dir=run")):
        assert run_hash(OmegaConf.to_container(config)) == there.run_path.rpartition("/")[2]


def test_a_part_that_is_null_is_as_one_that_was_deleted() -> None:
    one, other = compose_run(["callbacks.samples=null", "logger.wandb=null"]), compose_run(["~callbacks.samples"])
    assert "samples" not in one.callbacks
    assert list(one.logger) == ["csv"]
    assert one.output_dir == other.output_dir
    assert compose_run([sugar("callbacks=null"), sugar("logger=null")]).output_dir == (
        compose_run(["callbacks=none", "logger=none"]).output_dir
    )
    assert compose_run([sugar("logger=null")]).logger == {}


def test_wandbs_variables_stand_where_the_configuration_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("PROJECT", "ENTITY", "NAME", "RUN_GROUP", "JOB_TYPE", "NOTES", "TAGS", "DIR")
    for name in names:
        monkeypatch.delenv(f"WANDB_{name}", raising=False)
    ours = compose_run(["name=x"])
    assert ours.logger.wandb == {
        "_target_": "attnlab.callbacks.WandbRun",
        "project": "attnlab",
        "entity": None,
        "mode": "auto",
        "name": "x",
        "group": None,
        "job_type": None,
        "notes": None,
        "tags": [],
        "timeout": 60,
        "directory": None,
    }
    for name in names:
        monkeypatch.setenv(f"WANDB_{name}", f"a, {name}")
    theirs = compose_run(["name=x", "logger.wandb.notes=said"])
    assert theirs.output_dir == ours.output_dir
    kept = {
        key: value
        for key, value in theirs.logger.wandb.items()
        if key not in ("_target_", "mode", "tags", "notes", "timeout")
    }
    assert kept == {
        {"run_group": "group", "dir": "directory"}.get(name.lower(), name.lower()): f"a, {name}"
        for name in names
        if name not in ("TAGS", "NOTES")
    }
    assert theirs.logger.wandb.tags == ["a", "TAGS"]
    assert theirs.logger.wandb.notes == "said"


def test_a_run_without_attention_is_not_named_after_one() -> None:
    assert compose_run(["model=seq2seq"]).name == "seq2seq"


def test_a_run_is_named_after_its_experiment_model_and_mechanisms() -> None:
    images = ["task=image_classification", "model=resnet"]
    assert compose_run([*images, "feature_attention=se"]).name == "resnet-se"
    around = compose_run([*images, "feature_attention=non_local", "attention=cosine"])
    assert around.name == "resnet-non_local-cosine"
    assert compose_run(["experiment=translation_quickstart"]).name.startswith("translation_quickstart-")


@pytest.mark.parametrize(
    "accelerator, gpus",
    [("gpu", 3), ("cpu", None)],
)
def test_a_job_asks_for_as_many_gpus_as_the_trainer_uses(accelerator: str, gpus: int | None) -> None:
    trainer = ["trainer=ddp", "trainer.devices=3", f"trainer.accelerator={accelerator}"]
    assert hydra_node("launcher", ["hydra/launcher=slurm", *trainer])["gpus_per_node"] == gpus


@pytest.mark.parametrize(
    "text", ["a: b, [c] ${x}", r"\${x}", r"C:\\${oc.env:HOME}\ ", "${", "'{1: 2}' # ${x}${y}", "猫"]
)
def test_text_of_the_environment_is_text(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_NOTES", text)
    run = compose_run([])
    assert run.logger.wandb.notes == text
    values = OmegaConf.to_container(run, resolve=True)
    assert isinstance(values, dict)
    assert OmegaConf.to_container(of_values({"list": [text], **values}), resolve=True) == {"list": [text], **values}


_PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_KEYS = st.from_regex(r"[a-z]\w{0,7}", fullmatch=True)
_VALUES = st.dictionaries(_KEYS, st.recursive(_PLAIN, st.lists, max_leaves=5), max_size=4)


@settings(max_examples=30, deadline=None)
@given(values=_VALUES)
def test_a_configuration_of_any_values_is_read_back_as_it_was(values: dict[str, Any]) -> None:
    config = of_values({"part": values})
    assert OmegaConf.to_container(config, resolve=True) == {"part": values}
    assert OmegaConf.to_container(OmegaConf.create(OmegaConf.to_yaml(config)), resolve=True) == {"part": values}


@settings(max_examples=30, deadline=None)
@given(values=_VALUES)
def test_a_run_is_named_alike_by_its_configuration_on_record(values: dict[str, Any]) -> None:
    assert run_hash(json.loads(json.dumps({"data": values}))) == run_hash({"data": values})
