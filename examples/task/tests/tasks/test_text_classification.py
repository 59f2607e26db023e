"""Text classification: what it reads, what it says, and a run from the command on."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from records_agree import assert_records_agree

from attnlab.attention import MultiHeadAttention, ScaledDotAttention
from attnlab.commands import cli
from attnlab.data import SyntheticRecallDataModule, TextClassificationCodec
from attnlab.data.text_classification.synthetic_recall import answer
from attnlab.errors import UserError
from attnlab.models import TextClassifier
from attnlab.models.special_tokens import PAD, UNK
from attnlab.models.text_classifiers.predictor import TextClassifyingPredictor

SIZES = {"num_names": 11, "num_values": 3, "num_pairs": 5, "num_train": 61, "num_val": 13, "num_test": 7}
TINY = [*(f"data.{key}={value}" for key, value in SIZES.items()), "data.batch_size=8", "model.dim=12"]
TINY += [
    "model.num_heads=3",
    "trainer.max_steps=6",
    "trainer.val_check_interval=3",
    "trainer.precision=32-true",
    "logger=csv",
]
TINY += ["trainer.checkpoint_interval=2", "trainer.enable_progress_bar=false", "output_dir=run"]


def _prepared() -> SyntheticRecallDataModule:
    data = SyntheticRecallDataModule(**SIZES, batch_size=8, seed=3)
    data.prepare_data()
    return data


def _model(**sizes: int) -> TextClassifier:
    def attention(dim: int, **arguments: Any) -> MultiHeadAttention:
        return MultiHeadAttention(dim, core=ScaledDotAttention, **arguments)

    torch.manual_seed(5)
    return TextClassifier(**sizes, max_length=17, attention=attention, dim=12, num_heads=2, feed_forward_dim=19).eval()


def test_a_class_is_the_value_that_stood_after_the_name() -> None:
    assert answer("n3 v1 n0 v0 n7 v1 n0") == "v0"
    data = _prepared()
    seen: set[str] = set()
    for batch in [*data.val_dataloader(), *data.test_dataloader()]:
        for text, label in zip(batch.truth, batch.labels.tolist(), strict=True):
            assert answer(text) == data.codec.classes[label]
        seen |= set(batch.truth)
    assert len(seen) == data.num_examples("val") + data.num_examples("test")


def test_padding_changes_no_logits() -> None:
    model = _model(vocab_size=23, num_classes=3)
    words = torch.tensor([[5, 11, 7, 19, 4], [9, 6, 13, PAD, PAD]])
    torch.testing.assert_close(model(F.pad(words, (0, 4), value=PAD)), model(words))


def test_a_codec_comes_back_from_its_plain_values() -> None:
    codec = TextClassificationCodec(words=["a", "b"], classes=["c", "d", "e"])
    again = TextClassificationCodec(**json.loads(json.dumps(codec.state())))
    assert again.encode("b nobody a") == codec.encode("b nobody a") == [5, UNK, 4]
    assert again.sizes == {"vocab_size": 6, "num_classes": 3}


@pytest.mark.parametrize("text", [" ", "n1 " * 18])
def test_a_text_that_cant_be_read_is_refused_in_one_line(text: str) -> None:
    codec = TextClassificationCodec(words=["n1"], classes=["v0", "v1"])
    predictor = TextClassifyingPredictor(_model(**codec.sizes), codec)
    with pytest.raises(UserError, match="a text must have 1 to 17 words, got"):
        list(predictor.predict_texts([text]))


@pytest.mark.parametrize("key, value", [("num_names", 4), ("num_values", 1), ("max_length", 10), ("batch_size", 0)])
def test_a_number_out_of_its_range_is_refused_with_its_key(key: str, value: int) -> None:
    with pytest.raises(ValueError, match=rf"{key} must be .* \(set data\.{key}\)"):
        SyntheticRecallDataModule(**SIZES | {key: value})


def test_more_texts_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="there must be texts enough to choose from, got 2000 of 12"):
        SyntheticRecallDataModule(num_names=3, num_values=2, num_pairs=2, num_train=1980, num_val=13, num_test=7)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_run_scores_draws_and_predicts(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", "experiment=text_classification_quickstart", *TINY]) == 0
    scores = json.loads(Path("run/metrics.json").read_text())["test"]
    assert 0 <= scores["accuracy"] <= 1
    assert list(Path("run/maps").glob("test_*.png"))
    assert len(Path("run/predictions.jsonl").read_text().splitlines()) == SIZES["num_test"]
    assert_records_agree(Path("run"), in_single=["accuracy"])
    capsys.readouterr()
    assert cli.main(["predict", "run", "n1 v1 n2 v0 n1", "n4 v2 n4", "--map", "map.png"]) == 0
    assert [line.split("\t")[0][0] for line in capsys.readouterr().out.splitlines()] == ["v", "v"]
    assert Path("map.png").is_file()
