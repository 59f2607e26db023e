"""A folder that anyone may have written reaches nothing out of it."""

import os
from pathlib import Path
from typing import Any

import pytest

from attnlab.commands.train.reach import check_beginning, check_files, check_names, check_reach
from attnlab.errors import UserError

CSV = "lightning.pytorch.loggers.CSVLogger"
KEEPER = "lightning.pytorch.callbacks.ModelCheckpoint"
WANDB = "lightning.pytorch.loggers.WandbLogger"
OURS = "attnlab.callbacks.WandbRun"
BARE: dict[str, dict[str, Any]] = {group: {} for group in ("logger", "callbacks", "task", "model", "data", "trainer")}


@pytest.mark.parametrize(
    "place",
    ["/etc", "~/x", "file:/x", "memory::x", "http::x", "s3://x", "victim", "victim/x", "run/../x", "..", "\\\\host\\x"],
)
@pytest.mark.parametrize("group, target, key", [("logger", CSV, "save_dir"), ("callbacks", KEEPER, "dirpath")])
def test_a_place_out_of_the_folder_is_the_users_to_name(group: str, target: str, key: str, place: str) -> None:
    config = BARE | {group: {"x": {"_target_": target, key: place}}}
    with pytest.raises(UserError, match=rf"beyond its folder, got {group}.x.{key}=.* \(give {group}.x.{key} yourself"):
        check_reach(Path("run"), config, given=())
    check_reach(Path("run"), config, given={f"{group}.x.{key}"})
    check_reach(Path("run"), config, given={group})


def test_a_place_in_the_folder_and_names_are_the_runs_own() -> None:
    saved = {"_target_": KEEPER, "dirpath": "run/more", "filename": "{epoch}/best", "monitor": "val/loss"}
    logged = {"_target_": CSV, "save_dir": "run", "name": "a/b", "version": "1"}
    sent = {
        "_target_": OURS,
        "entity": None,
        "mode": "auto",
        "notes": "to do: ../x",
        "tags": ["a/b"],
        "directory": None,
    }
    check_reach(Path("run"), BARE | {"logger": {"x": logged, "y": sent}, "callbacks": {"x": saved}}, given=())
    with pytest.raises(UserError, match=r"got logger.x.name=/abs \(give logger.x.name yourself"):
        check_reach(Path("run"), BARE | {"logger": {"x": logged | {"name": "/abs"}}}, given=())


def test_what_sends_is_the_users_to_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_ENTITY", "mine")
    for node, key in (
        ({"_target_": WANDB, "offline": True}, "_target_"),
        ({"_target_": OURS, "entity": "thief", "mode": "auto"}, "entity"),
        ({"_target_": OURS, "entity": "mine", "mode": "online"}, "mode"),
    ):
        with pytest.raises(UserError, match=rf"to where its folder says, got logger.x.{key}=.*, or ~logger.x\)"):
            check_reach(Path("run"), BARE | {"logger": {"x": node}}, given=())
        check_reach(Path("run"), BARE | {"logger": {"x": node}}, given={f"logger.x.{name}" for name in node})
    check_reach(
        Path("run"), BARE | {"logger": {"x": {"_target_": OURS, "entity": "mine", "mode": "offline"}}}, given=()
    )


def test_data_is_fetched_only_from_where_this_version_says() -> None:
    config = BARE | {"data": {"root": None, "corpus": {"address": "ftp.example"}}}
    with pytest.raises(UserError, match=r"got data.corpus.address=ftp.example \(give data.root, a folder of yours"):
        check_reach(Path("run"), config, given=())
    with pytest.raises(UserError, match="would fetch"):
        check_reach(Path("run"), config, given={"data.root"})
    check_reach(Path("run"), BARE | {"data": config["data"] | {"root": "here"}}, given={"data.root"})


@pytest.mark.parametrize("path", ["/abs/evil", "../evil", "~/evil", "file:evil", "a::b", "a/../../b"])
@pytest.mark.parametrize("key, rule", [("name", "is no path"), ("run_path", "lies within the folder of all runs")])
def test_names_are_no_paths(key: str, rule: str, path: str) -> None:
    named = {"name": "transformer/a", "run_path": "translation/a/b"}
    check_names(Path("run"), named)
    with pytest.raises(UserError, match=f"{rule}, got {key} "):
        check_names(Path("run"), named | {key: path})


@pytest.mark.parametrize("link", ["train.log", "checkpoints", "wandb/deep"])
def test_links_lead_nowhere_else(link: str) -> None:
    Path("run/wandb").mkdir(parents=True)
    Path("run/wandb/run-1").mkdir()
    Path("run/wandb/latest").symlink_to("run-1")
    logs = Path("run/wandb/run-1/logs")
    logs.mkdir(parents=True)
    (logs / "debug-core.log").symlink_to("/nowhere/.cache/wandb/logs/core-debug-20261127_102220.log")  # wandb's own
    check_files(Path("run"))
    Path("run", link).symlink_to("/nowhere/else")
    with pytest.raises(UserError, match=rf"may not lead out of it, got run/{link} -> /nowhere/else"):
        check_files(Path("run"))


@pytest.mark.parametrize("key", ["continue_from", "init_from"])
def test_a_run_begins_with_no_weights_that_its_folder_names(key: str) -> None:
    config = {"continue_from": None, "init_from": None}
    check_beginning(Path("run"), config)
    with pytest.raises(UserError, match=rf"where its folder says, got {key}=/victim/run in run/config.json \(give the"):
        check_beginning(Path("run"), config | {key: "/victim/run"})
    Path("run/checkpoints").mkdir(parents=True)
    Path("run/checkpoints/last.ckpt").touch()
    check_beginning(Path("run"), config | {key: "/victim/run"})  # which is read no more


def test_a_place_without_a_key_is_one_as_well() -> None:
    config = BARE | {"logger": {"x": {"_target_": CSV, "_args_": ["victim"]}}}
    with pytest.raises(UserError, match=r"beyond its folder, got logger\.x\._args_="):
        check_reach(Path("run"), config, given=())


def test_nothing_is_waited_for_where_a_run_is_to_be_written() -> None:
    Path("run/checkpoints").mkdir(parents=True)
    Path("run/checkpoints/last.ckpt").touch()
    check_files(Path("run"))
    os.mkfifo("run/train.log")
    with pytest.raises(UserError, match=r"holds files and folders, got a pipe at run/train.log \(remove it\)"):
        check_files(Path("run"))
