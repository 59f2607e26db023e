"""What a command line chooses, read without Hydra, is what Hydra composes of it."""

from pathlib import Path

import pytest
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf

from attnlab.config.checks import check_key
from attnlab.config.choices import choice, chosen, merged
from attnlab.config.composer import composing
from attnlab.config.conf_path import conf_dir
from attnlab.config.described import Key, Said
from attnlab.errors import UserError

OURS = [conf_dir()]


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["task=image_generation", "attention=local"],
        ["experiment=ner_quickstart", "trainer=debug"],
        ["task=ner", "data=conll", "model=transformer_tagger", "callbacks=[default,early_stopping]"],
        ["model=transformer", "attention@model.cross_attention=local"],
    ],
)
def test_every_key_that_is_found_can_be_set_and_has_its_default(overrides: list[str]) -> None:
    found = chosen(overrides, OURS)
    keys = found.keys(OURS)
    with composing([]) as composer:
        config = composer.compose("train", overrides)
        names = HydraConfig.get().runtime.choices
        for group, given in found.names.items():
            assert len(given) > 1 or names[group] == given[0], group
        for key in keys:
            check_key(config, key.name)
            if key.default and "${" not in key.default:
                assert OmegaConf.select(config, key.name) == OmegaConf.create(f"a: {key.default}").a, key


def test_files_that_are_taken_in_come_first_and_are_overridden() -> None:
    cpu = {key.name: key for key in choice("trainer", "overfit", OURS).keys}
    assert cpu["trainer.max_steps"].default == "200"
    assert cpu["trainer.max_steps"].said.en == "optimizer updates; the unit of a fair comparison"
    assert cpu["trainer.limit_test_batches"].said.en == "the scores are of this batch alone"
    assert cpu["trainer.compile"].default == "false"
    assert merged((Key("a", "1", Said("one")),), (Key("a", "2", Said()),)) == (Key("a", "2", Said("one")),)


def test_what_comes_with_a_name_is_known() -> None:
    assert choice("task", "ner", OURS).chooses == {"model": "ner_model", "data": "bible_names", "tokenizer": "words"}
    slots = choice("model", "transformer", OURS).slots
    assert slots == dict.fromkeys([f"model.{each}_attention" for each in ("encoder", "decoder", "cross")], "attention")


def test_a_file_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name, text, said in (
        ("torn", b"a: [1,\nb: }", "must be YAML, got a bracket or a brace that isn't closed at line 2 of "),
        ("latin", b"a: caf\xe9 # \xff", "must be UTF-8, got the byte 0xe9 in "),
    ):
        (tmp_path / "data" / f"{name}.yaml").write_bytes(text)
        with pytest.raises(UserError, match=rf"{said}.*{name}.yaml.* \("):
            choice("data", name, [tmp_path])
    with pytest.raises(UserError, match=r"no data is named 'nosuch' \(see attnlab list data\)"):
        choice("data", "nosuch", OURS)
