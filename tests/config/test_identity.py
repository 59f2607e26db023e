"""A run is the same run after keys were added, names moved or its logger changed; and another under later results."""

import json
from pathlib import Path
from typing import Any

import pytest

from attnlab.config import checks, identity
from attnlab.config.compose import compose_run
from attnlab.config.conf_path import conf_dir
from attnlab.errors import UserError
from attnlab.runs import build, run_folder
from attnlab.runs.instantiation import instantiate
from attnlab.tasks.training.schedules import warmup_cosine

# What is known to move.
MOVES = {
    "attnlab.runs.trainer.TrainerSettings": "attnlab.trainer.build_trainer",
    "attnlab.runs.trained_classifier.TrainedClassifier": "attnlab.trained_classifier.TrainedClassifier",
    "attnlab.tasks.training.schedules.constant": "attnlab.tasks.schedules.constant",
    "attnlab.tasks.training.schedules.warmup_cosine": "attnlab.tasks.schedules.warmup_cosine",
    "attnlab.tasks.training.schedules.warmup_inverse_sqrt": "attnlab.tasks.schedules.warmup_inverse_sqrt",
    "attnlab.data.text.tokenizers.BPETokenizer": "attnlab.data.tokenizers.BPETokenizer",
}
OVERRIDES = ["seed=3", "optimizer.fused=true"]


def _config(*more: str) -> dict[str, Any]:
    return build.plain(compose_run([*OVERRIDES, *more]))


def _recorded(folder: Path, config: dict[str, Any]) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config | {"results": identity.RESULTS}))
    (folder / "metrics.csv").touch()  # or it would be a run that was refused before it trained
    return folder


def _named(node: Any, names: dict[str, str]) -> Any:
    text = json.dumps(node)
    for one, other in names.items():
        text = text.replace(f'"{one}"', f'"{other}"')
    return json.loads(text)


def test_the_folder_is_named_by_the_hash_of_the_resolved_config() -> None:
    config = _config("task=ner", "attention=additive")
    assert Path(config["output_dir"]).name == identity.run_hash(config)


def test_a_key_newer_than_the_run_at_its_default_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _config()
    folder = _recorded(tmp_path / "run", before)
    grown: dict[str, dict[str, Any]] = {
        "": {"grown": {"a": 1}},
        "attnlab.runs.trainer.TrainerSettings": {"pace": 3},
        "attnlab.data.text.tokenizers.BPETokenizer": {"fold": None},
    }
    newer = {target: identity.NEWER.get(target, {}) | keys for target, keys in grown.items()}
    monkeypatch.setattr(identity, "NEWER", identity.NEWER | newer)
    # A key of the top level is refused as one that nothing reads, as long as there is none.
    monkeypatch.setattr(checks, "check_additions", lambda *_: None)
    at_default = ["+trainer.pace=3", "+tokenizer.fold=null", "+grown={a:1}"]
    assert _config()["run_path"] == before["run_path"]
    assert _config(*at_default)["run_path"] == before["run_path"]
    run_folder.check_same_config(folder, _config(*at_default))
    run_folder.check_same_config(_recorded(tmp_path / "other", _config(*at_default)), _config())
    for changed in ("+trainer.pace=4", "+trainer.pace=3.0", "+tokenizer.fold=nfc", "+grown={a:2}", "+data.pace=3"):
        assert _config(changed)["run_path"] != before["run_path"]
    with pytest.raises(UserError, match=r"another config: trainer.pace was 3, now 4 \(set output_dir"):
        run_folder.check_same_config(folder, _config("+trainer.pace=4"))
    with pytest.raises(UserError, match=r"another config: data.pace was nothing, now 3 \("):
        run_folder.check_same_config(folder, _config("+data.pace=3"))


def test_a_target_that_has_moved_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "RENAMED", MOVES)
    config = _config("scheduler=constant")
    before = _named(config, MOVES)
    now = _named(before, {old: new for new, old in MOVES.items()})
    assert json.dumps(now).count("attnlab.tasks.training.schedules.constant") == 2
    assert identity.run_hash(now) == identity.run_hash(before) == Path(config["run_path"]).name
    assert identity.config_of_today(before) == identity.config_of_today(now) == now
    run_folder.check_same_config(_recorded(tmp_path / "run", before), now)
    assert run_folder.config_of(tmp_path / "run") == now


def test_a_users_own_file_may_have_names_of_before(tmp_path: Path) -> None:
    """As it may have been copied from one that was shipped then."""
    (tmp_path / "scheduler").mkdir()
    mine = (conf_dir() / "scheduler" / "warmup_cosine.yaml").read_text()
    assert "attnlab.tasks.training.schedules." in mine
    (tmp_path / "scheduler" / "mine.yaml").write_text(mine.replace(".tasks.training.", ".tasks."))
    config = build.plain(compose_run([*OVERRIDES, "scheduler=mine"], config_dirs=[str(tmp_path)]))
    assert config["scheduler"]["_target_"] == "attnlab.tasks.schedules.warmup_cosine"
    assert config["run_path"] == _config("scheduler=warmup_cosine")["run_path"]
    assert instantiate(config["scheduler"], "scheduler").func is warmup_cosine
    build.rehearse(config)


def test_only_a_target_is_renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "RENAMED", {"a.New": "a.Old"})
    stored = {"parts": [{"_target_": "a.Old", "name": "a.Old"}, "a.Old"], "_target_": "a.Older"}
    expected = {"parts": [{"_target_": "a.New", "name": "a.Old"}, "a.Old"], "_target_": "a.Older"}
    assert identity.node_of_today(stored) == expected


def test_an_argument_that_is_new_to_one_class_is_none_of_anothers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "NEWER", {"attnlab.attention.ScaledDotAttention": {"window": 7}})
    monkeypatch.setattr(identity, "RENAMED", {})
    local, before = _config("attention=local"), _config()
    assert json.dumps(identity.identity(local)) == json.dumps(identity.decisive(local))
    assert json.dumps(local).count('"window": 7') > 1
    assert _config("+attention.core.window=7")["run_path"] == before["run_path"]
    assert _config("+attention.core.window=9")["run_path"] != before["run_path"]


def test_a_record_has_the_arguments_that_its_classes_have_got_since(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "RENAMED", {"a.New": "a.Old"})
    monkeypatch.setattr(identity, "NEWER", {"": {"top": 1}, "a.New": {"x": 2}, "b.B": {"y": [3]}})
    stored = {"one": {"_target_": "a.Old", "parts": [{"_target_": "b.B", "y": [4]}, {"_target_": "b.B"}]}}
    expected = {
        "top": 1,
        "one": {"_target_": "a.New", "x": 2, "parts": [{"_target_": "b.B", "y": [4]}, {"_target_": "b.B", "y": [3]}]},
    }
    assert identity.config_of_today(stored) == expected
    changed = identity.identity(stored)["one"]["parts"]
    assert changed == [{"_target_": "b.B", "y": [4]}, {"_target_": "b.B"}]
    assert identity.identity(expected)["one"] == stored["one"]


def test_the_number_of_results_is_part_of_the_hash_from_two_on(monkeypatch: pytest.MonkeyPatch) -> None:
    config = _config()
    hashes = {identity.run_hash(config, results=number) for number in (1, 2, 3)}
    assert len(hashes) == 3
    monkeypatch.setattr(identity, "RESULTS", 3)
    assert identity.run_hash(config) == identity.run_hash(config, results=3)
    assert Path(_config()["run_path"]).name == identity.run_hash(config)


def test_an_earlier_run_is_one_that_lies_beside_this(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "RESULTS", 3)
    config = _config()
    assert run_folder.earlier_run(config) is None
    folders = {n: Path(config["output_dir"]).with_name(identity.run_hash(config, results=n)) for n in (1, 2)}
    for number, folder in folders.items():
        folder.mkdir(parents=True)
        assert run_folder.earlier_run(config) == (folder, number)
    assert run_folder.earlier_run(config | {"output_dir": "elsewhere"}) is None
    assert run_folder.earlier_run(_config("seed=4")) is None


def test_a_record_without_a_number_has_the_first(tmp_path: Path) -> None:
    assert run_folder.results_of(tmp_path) is None
    (tmp_path / "config.json").write_text(json.dumps(_config()))
    assert run_folder.results_of(tmp_path) == 1
    config = _config("output_dir=new")
    run_folder.prepare(Path("new"), config)
    assert json.loads(Path("new/config.json").read_text()) == config | {"results": identity.RESULTS}
    assert run_folder.config_of(Path("new")) == config
