"""What a shell offers of overrides is what Hydra would take."""

import json
from pathlib import Path

import pytest

from attnlab.commands.completion.candidates import FILES
from attnlab.commands.completion.overrides import Overrides
from attnlab.config.conf_path import conf_dir


def _offered(begun: str, *given: str) -> list[str]:
    found = Overrides(folders=[conf_dir()], given=given, language="en").of_run(begun)
    return sorted({each.word + (" " if each.whole else "") for each in found})


@pytest.mark.parametrize(
    "given, begun, offered",
    [
        ([], "attention=add", ["attention=additive "]),
        ([], "attention=additive,uni", ["attention=additive,uniform "]),
        ([], "attention@model.cross_attention=add", ["attention@model.cross_attention=additive "]),
        ([], "~lo", ["~logger.", "~logger="]),
        ([], "callbacks=[default,lr", ["callbacks=[default,lr_monitor "]),
        ([], "hydra/la", ["hydra/launcher="]),
        ([], "see", ["seed="]),
        ([], "model.num_l", ["model.num_layers="]),
        ([], "data.corp", ["data.corpus."]),
        (["data=conll", "task=ner"], "data.corpus.lab", ["data.corpus.label_column="]),
        (["experiment=ner_quickstart"], "model.character", ["model.character_dim="]),
        (["model=transformer"], "model.cross", ["model.cross_attention="]),
        (["model=transformer"], "model.cross_attention=synthesizer_d", ["model.cross_attention=synthesizer_dense "]),
        (
            ["model=transformer", "model.cross_attention=local"],
            "model.cross_attention.core.",
            ["model.cross_attention.core.window="],
        ),
        (["task=ner"], "model=", ["model=bilstm_crf ", "model=ner_model ", "model=transformer_tagger "]),
        (["experiment=ner_quickstart"], "data=bible", ["data=bible_names "]),
        (["task=ner"], "tokenizer=b", []),
        (["task=mine"], "model=ner", ["model=ner_model "]),
        ([], "model=ner", ["model=ner_model "]),
        ([], "trainer.compile=", ["trainer.compile=false ", "trainer.compile=true "]),
        ([], "trainer.max_steps=", []),
        ([], "model.nosuch", []),
        ([], "nosuch=x", ["files"]),
    ],
)  # fmt: skip
def test_what_may_follow_is_offered(given: list[str], begun: str, offered: list[str]) -> None:
    assert _offered(begun, *given) == offered


def test_groups_of_ones_own_are_offered(tmp_path: Path) -> None:
    (tmp_path / "attention").mkdir()
    (tmp_path / "attention" / "zigzag.yaml").write_text("# To and fro.\ncore:\n  _target_: a.B\n  turns: 3  # of it\n")
    found = Overrides(folders=[conf_dir(), tmp_path], given=["attention=zigzag"], language="en")
    assert [(each.word, each.said) for each in found.of_run("attention=zi")] == [("attention=zigzag", "To and fro.")]
    assert [(each.word, each.said) for each in found.of_run("attention.core.")] == [("attention.core.turns=", "of it")]


def test_a_run_is_offered_where_one_is_taken() -> None:
    Path("outputs/ner/a/3fa").mkdir(parents=True)
    Path("outputs/ner/a/3fa/config.json").write_text(json.dumps({"data": {"_target_": "x", "corpus": {"train": None}}}))
    for key in ("resume", "init_from", "extractor.run"):
        assert _offered(f"{key}=") == sorted([f"{key}=3fa ", f"{key}=last ", "files"])
    found = Overrides(folders=[conf_dir()], given=["3fa"], language="en")
    assert [each.word for each in found.of_evaluation("3f", "data.corpus.")] == ["data.corpus.train="]
    assert list(found.of_evaluation("nosuch", "data.")) == []
    Path("outputs/ner/a/3fa/config.json").write_text(
        json.dumps({"data": {"$(touch evil)": 1, "a": 2, "b;c": {"d": 1}}})
    )
    assert [each.word for each in found.of_evaluation("3f", "data.")] == ["data.a="]
    Path("outputs/ner/a/3fa/config.json").write_text("[3]")
    assert list(found.of_evaluation("3f", "data.")) == []
    Path("outputs/ner/a/3fa/config.json").write_text(json.dumps({"data": {"corpus": {"train": None}}}))
    assert list(found.of_evaluation("3f", "data.corpus.train=")) == [FILES]


def test_a_studys_own_keys_are_offered() -> None:
    found = Overrides(folders=[conf_dir()], given=["attention_in_translation"], language="en")
    assert [each.word for each in found.of_study("attention_in_translation", "ab")] == ["ablations="]
    assert list(found.of_study("nosuch", "")) == []
