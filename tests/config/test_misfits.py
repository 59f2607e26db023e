"""Models, data and tasks that are no match are told so in one line before any data is read."""

from pathlib import Path

import pytest
from torch import nn

from attnlab.commands import cli
from attnlab.config.compose import compose_run
from attnlab.errors import UserError
from attnlab.runs import build


@pytest.mark.parametrize(
    "chosen, part, tasks, fitting",
    [
        ("task=ner data=debian_synopsis tokenizer=bpe model=transformer", "data", "summarization", "bible_names"),
        ("task=summarization data=bible_names tokenizer=words model=ner_model", "data", "ner", "debian_synopsis"),
        ("task=ner model=transformer", "model", "summarization or translation", "bilstm_crf"),
        ("task=ner model=vit", "model", "image_classification", "transformer_tagger"),
        ("task=summarization model=ner_model", "model", "ner", "text_summarization"),
        ("task=image_generation model=resnet", "model", "image_classification", "sagan"),
        ("task=image_classification model=sagan", "model", "image_generation", "vit"),
        ("task=image_generation data=fashion_scenes", "data", "object_detection", "image_folder"),
        ("task=object_detection data=fashion_mnist_small", "data", "image_classification or image_generation", "coco"),
        ("task=image_generation data=bible_names", "data", "ner", "image_folder"),
        ("task=ner model=resnet", "model", "image_classification", "ner_model"),
        ("task=summarization data=conll", "data", "ner", "jsonl"),
        ("task=translation data=bible_names", "data", "ner", "parallel_text"),
        ("task=ner tokenizer=bpe", "tokenizer", "language_modelling or summarization or translation", "words"),
    ],
)
def test_a_misfit_is_one_line_that_says_what_fits(
    capsys: pytest.CaptureFixture[str], chosen: str, part: str, tasks: str, fitting: str
) -> None:
    nowhere = ["data.root=nowhere", "logger=none", "output_dir=run"]
    assert cli.main(["train", *chosen.split(), *nowhere]) == 2
    said = capsys.readouterr().err
    given = dict(each.split("=") for each in chosen.split())
    begin = (
        f"error: this {part} doesn't fit this task: {part}={given[part]} is for task={tasks}, got task={given['task']} "
    )
    assert said.startswith(f"{begin}(set {part} to one of ")
    assert said.count("\n") == 1
    assert fitting in said.rpartition("(set")[2]


def test_of_the_users_own_data_the_model_says_what_it_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    own = Path("own/data/plain.yaml")
    own.parent.mkdir(parents=True)
    own.write_text("_target_: attnlab.data.TranslationDataModule\ntokenizer: ${tokenizer}\n")
    assert cli.main(["train", "data=plain", "--config-dir", "own", "output_dir=run"]) == 2
    assert capsys.readouterr().err == (
        "error: this model doesn't fit this data: model=attention_seq2seq needs data.max_source_length, which "
        "data=plain (of task=translation) hasn't (set model=... or data=...)\n"
    )


class OwnModel(nn.Module):
    """As a user may write one, without what a task needs."""


@pytest.mark.parametrize(
    "task, kind, expected",
    [
        ("translation", "TranslationTask", "start, step, max_source_length, max_target_length"),
        ("summarization", "SummarizationTask", "start, step, max_source_length, max_target_length"),
        ("ner", "NERTask", "label_scores, reading, max_length"),
    ],
)
def test_a_model_of_the_users_own_that_lacks_something_is_told_what(task: str, kind: str, expected: str) -> None:
    config = build.plain(compose_run([f"task={task}"]))
    config["model"] = {"_target_": f"{__name__}.OwnModel", "_partial_": True}
    with pytest.raises(
        UserError, match=f"this model doesn't fit this task: OwnModel has no {expected}, which {kind} needs"
    ):
        build.build_task(config, {}, None)
