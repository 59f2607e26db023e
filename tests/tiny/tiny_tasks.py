"""A tiny task of each kind with its codec, made and stored without a single update."""

from pathlib import Path
from typing import Any

import torch

from attnlab.config.compose import compose_run
from attnlab.data import (
    BPETokenizer,
    DetectionCodec,
    ImageCodec,
    LanguageCodec,
    SummarizationCodec,
    TaggingCodec,
    TranslationCodec,
)
from attnlab.data.tagging.codec import trained_codec
from attnlab.data.text.words import WordVocabulary
from attnlab.runs import build, checkpoint

OVERRIDES = {
    "translation": ["model.dim=12", "task.beam_size=2"],
    "summarization": ["attention=additive", "model.dim=12", "task.beam_size=3", "task.min_length=2"],
    "ner": ["model.dim=12"],
    "language_modelling": [
        *("data.context_length=16", "model.dim=12", "model.num_heads=2", "model.num_layers=2"),
        *("model.feed_forward_dim=19", "task.max_tokens=5"),
    ],
    "image_classification": ["model.dim=8"],
    "object_detection": [
        "model.dim=12",
        "model.num_heads=3",
        "model.num_encoder_layers=1",
        "model.num_decoder_layers=2",
        "model.feed_forward_dim=17",
        "model.num_queries=7",
        "model.stage_channels=[16,24]",
        "model.stage_blocks=[1,1]",
        "task.score_threshold=0.01",
    ],
    "image_generation": ["model.dim=4", "model.latent_dim=7"],
}
TASKS = list(OVERRIDES)


def codec_of(task: str) -> Any:
    """What belongs to the task, of a few words, classes and pixels."""
    images = {"classes": [*"abcdefghijk"], "channels": 1, "mean": [0.3], "std": [0.4], "height": 28, "width": 28}
    match task:
        case "translation":
            return TranslationCodec(source="en", target="es", source_tokenizer=_tokenizer())
        case "summarization":
            return SummarizationCodec(tokenizer=_tokenizer())
        case "language_modelling":
            return LanguageCodec(tokenizer=_tokenizer())
        case "ner":
            words = WordVocabulary(min_frequency=1, max_size=None)
            codec: TaggingCodec = trained_codec(
                words, [["Ada", "went", "to", "Ur"]], types=["PER", "LOC"], max_characters=11
            )
            return codec
        case "object_detection":
            return DetectionCodec(**images | {"height": 32, "width": 40})
        case _:
            return ImageCodec(**images)


def _tokenizer() -> dict[str, Any]:
    tokenizer = BPETokenizer(vocab_size=300)
    tokenizer.train(["one two three", "four five cat"])
    return tokenizer.state()


def config_of(task: str, *overrides: str) -> build.Config:
    """The shipped configuration, but small."""
    return build.plain(compose_run([f"task={task}", *OVERRIDES[task], *overrides]))


def build_tiny(task: str, config: build.Config | None = None) -> Any:
    """The task, seeded."""
    codec = codec_of(task)
    torch.manual_seed(3)
    return build.build_task(config or config_of(task), codec.sizes, codec)


def store(path: Path, task: Any, config: build.Config) -> Path:
    """A checkpoint of the task as it is."""
    ours = checkpoint.contents(config, task.codec.sizes, build.codec_state(task.codec), "0f")
    torch.save({"state_dict": task.state_dict(), checkpoint.KEY: ours}, path)
    return path
