"""What is guessed of a key or a name that isn't there is there, and a word like nothing is left alone."""

from pathlib import Path

import pytest
from omegaconf import DictConfig, OmegaConf

from attnlab.config.suggestions import groups, is_at_the_top, key_guess, name_remedy

CONFIG = OmegaConf.create(
    {
        "model": {"dim": 5, "num_heads": 1, "dropout": 0.0, "cross_attention": None},
        "optimizer": {"lr": 0.1, "betas": [0.9, 0.98]},
        "trainer": {"max_epochs": None, "max_steps": 3, "devices": 1, "limit_val_batches": 3},
        "data": {"batch_tokens": 7, "root": None},
        "task": {"optimizer": "${optimizer}", "clip_norm": 1.0},
        "callbacks": {"samples": {"num_samples": 2}},
        "seed": 0,
        "output_root": "outputs",
    }
)
assert isinstance(CONFIG, DictConfig)


@pytest.mark.parametrize(
    "key, expected",
    [
        ("lr", "optimizer.lr"),
        ("model.lr", "optimizer.lr"),
        ("learning_rate", "optimizer.lr"),
        ("optimizer.learning_rate", "optimizer.lr"),
        ("epochs", "trainer.max_epochs"),
        ("trainer.gpus", "trainer.devices"),
        ("batch_size", "data.batch_tokens"),
        ("data.path", "data.root"),
        ("trainer.limit_train_batches", "trainer.max_steps"),
        ("limit_train_batches", "trainer.max_steps"),
        ("trainer.default_root_dir", "output_root"),
        ("model.hiden", "model.dim"),
        ("model.dmi", "model.dim"),
        ("model.n_heads", "model.num_heads"),
        ("model-dim", "model.dim"),
        ("model.crossattention", "model.cross_attention"),
        ("sed", "seed"),
    ],
)
def test_a_key_is_guessed_by_its_last_part_by_likeness_and_by_what_others_call_it(key: str, expected: str) -> None:
    where = key.rpartition(".")[0]
    node = CONFIG[where] if where else CONFIG
    assert key_guess(CONFIG, key, [str(each) for each in node], where) == f" (did you mean {expected}?)"
    assert OmegaConf.select(CONFIG, expected.rpartition(".")[0] or expected) is not None


def test_a_word_like_nothing_is_left_alone() -> None:
    assert key_guess(CONFIG, "colour", list(map(str, CONFIG)), "") == ""
    assert key_guess(CONFIG, "model.zzz", list(map(str, CONFIG.model)), "model") == ""


def test_a_callback_that_is_not_chosen_is_to_be_chosen() -> None:
    guessed = key_guess(CONFIG, "callbacks.early_stopping.patience", ["samples"], "callbacks")
    assert guessed == " (choose it first: callbacks=[default,early_stopping])"


@pytest.mark.parametrize(
    "group, name, folders, expected",
    [
        ("attention", "nearest", [], "own/attention/nearest.yaml is there (add --config-dir own)"),
        ("attention", "nearest", ["own/attention"], "(set --config-dir own)"),
        ("attention", "other", ["misnamed"], "misnamed has atention/ (name it attention/)"),
        ("attention", "own/attention/nearest.yaml", [], "(write attention=nearest --config-dir own)"),
        ("attention", "my_package.NearestAttention", [], "write DIR/attention/NAME.yaml with _target_: my_package."),
        ("attention", "Far", ["own"], "own/attention/Far.yml is there, but its name must end in .yaml (rename it)"),
        ("attention", "Far", [], "its name must end in .yaml (rename it, and add --config-dir own)"),
        ("feature_attention", "additive", [], "it is a name of attention (write attention=additive)"),
        ("data", "files", [], "set data=NAME data.root=files)"),
    ],
)
def test_a_name_is_told_what_was_meant(group: str, name: str, folders: list[str], expected: str) -> None:
    for place in ("own/attention", "misnamed/atention", "files"):
        Path(place).mkdir(parents=True)
    Path("own/attention/nearest.yaml").write_text("")
    Path("own/attention/Far.yml").write_text("")
    assert expected in name_remedy(group, name, ["additive"], folders)
    assert name_remedy("attention", "nosuch", ["additive"], []) == ""


def test_what_stands_at_the_top_is_known() -> None:
    assert {"attention", "data", "trainer"} <= set(groups())
    assert all(map(is_at_the_top, ("seed", "model.dim", "resume", "attention")))
    assert not is_at_the_top("resolve")


def test_a_file_beside_its_groups_folder_is_to_be_moved_into_it(tmp_path: Path) -> None:
    (tmp_path / "near.yaml").write_text("a: 1\n")
    said = name_remedy("attention", "near", ["dot"], [str(tmp_path)])
    assert said == f"{tmp_path}/near.yaml lies beside attention/, not in it (move it to {tmp_path}/attention/near.yaml)"


@pytest.mark.parametrize(
    "group, name, choice",
    [
        ("attention", "AttentionSeq2Seq", "model=attention_seq2seq"),
        ("task", "NERModel", "model=ner_model"),
        ("model", "加性", "attention=additive"),
        ("study", "语言建模", "task=language_modelling"),
    ],
)
def test_a_name_of_another_group_is_known_as_a_class_and_in_chinese(group: str, name: str, choice: str) -> None:
    assert name_remedy(group, name, [], []).endswith(f"(write {choice})")
