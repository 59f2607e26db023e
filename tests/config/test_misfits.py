"""Models, data and tasks that are no match are told so in one line before any data is read."""

import pytest
from torch import nn

from attnlab.commands import cli
from attnlab.config.compose import compose_run
from attnlab.errors import UserError
from attnlab.runs import build


def _asks(model: str, limit: str, data: str, task: str) -> str:
    return (
        f"this model doesn't fit this data: model={model} needs data.{limit}, which data={data} (of task={task}) "
        "hasn't (set model=... or data=...)"
    )


@pytest.mark.parametrize(
    "chosen, expected",
    [
        (
            "task=ner data=debian_synopsis tokenizer=bpe model=transformer",
            "this data doesn't fit this task: SummarizationDataModule has no TaggingCodec, which NERTask needs "
            "(set task=... or data=...)",
        ),
        (
            "task=summarization data=bible_names tokenizer=words model=ner_model",
            "this data doesn't fit this task: TaggingDataModule has no SummarizationCodec, which "
            "SummarizationTask needs (set task=... or data=...)",
        ),
        ("task=ner model=transformer", _asks("transformer", "max_source_length", "bible_names", "ner")),
        ("task=ner model=text_summarization", _asks("text_summarization", "max_source_length", "bible_names", "ner")),
        ("task=ner model=attention_seq2seq", _asks("attention_seq2seq", "max_source_length", "bible_names", "ner")),
        ("task=summarization model=ner_model", _asks("ner_model", "max_length", "debian_synopsis", "summarization")),
        (
            "task=image_generation model=resnet",
            "this model doesn't fit this task: ResNet has no generator, discriminator, latent_dim, conditional, which "
            "ImageGenerationTask needs (set model=... or task=...)",
        ),
        (
            "task=image_generation data=fashion_scenes",
            "this data doesn't fit this task: DetectionDataModule has no ImageCodec, which ImageGenerationTask needs "
            "(set task=... or data=...)",
        ),
        (
            "task=object_detection data=fashion_mnist_small",
            "this data doesn't fit this task: ImageClassificationDataModule has no DetectionCodec, which "
            "ObjectDetectionTask needs (set task=... or data=...)",
        ),
        (
            "task=image_generation data=bible_names",
            "this data doesn't fit this task: data=bible_names needs tokenizer, which task=image_generation hasn't "
            "(set task=... or data=...)",
        ),
        (
            "task=image_classification model=sagan feature_attention=non_local",
            "this model doesn't fit this task: SAGAN has no forward, which ImageClassificationTask needs (set "
            "model=... or task=...)",
        ),
        *(
            (
                f"task={task} model={model}",
                f"this model doesn't fit this task: model={model} needs feature_attention, which task={task} hasn't "
                "(set task=... or model=...)",
            )
            for task, model in (("ner", "resnet"), ("summarization", "dcgan"), ("translation", "torchvision_detector"))
        ),
        ("task=ner data=jsonl", _asks("ner_model", "max_length", "jsonl", "ner")),
        (
            "task=summarization data=conll",
            _asks("text_summarization", "max_source_length", "conll", "summarization"),
        ),
        (
            "task=translation data=bible_names",
            _asks("attention_seq2seq", "max_source_length", "bible_names", "translation"),
        ),
    ],
)
def test_a_misfit_is_one_line(capsys: pytest.CaptureFixture[str], chosen: str, expected: str) -> None:
    nowhere = ["data.root=nowhere", "logger=none", "output_dir=run"]
    assert cli.main(["train", *chosen.split(), *nowhere]) == 2
    assert capsys.readouterr().err == f"error: {expected}\n"


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
