"""Whatever somebody has done to a checkpoint, it predicts or is one line."""

import io
import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_mutations import write_mutation
from tiny_tasks import build_tiny, codec_of

from attnlab.errors import UserError
from attnlab.models.predictors import TextPredictor
from attnlab.runs import build, checkpoint
from attnlab.runs.warm_start import warm_start

pytestmark = [
    pytest.mark.text,
    pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning", "ignore::FutureWarning"),
]
EARLIER = Path(__file__).parents[1] / "earlier_runs" / "workplace" / "outputs"
MUTATIONS = 200


@pytest.fixture(scope="module")
def whole() -> bytes:
    [path] = (EARLIER / "ner").rglob("best.ckpt")
    return path.read_bytes()


def _answer(path: Path) -> str | None:
    """What is wrong with a checkpoint, if it doesn't answer."""
    try:
        _, predictor = build.restore_predictor(path)
        assert isinstance(predictor, TextPredictor)
        for each in predictor.predict_texts(["In Ur Ada saw Abram"]):
            predictor.line(each, colour=False)
    except UserError as error:
        return str(error)
    return None


def test_a_checkpoint_that_was_tampered_with_answers_or_is_one_line(whole: bytes, tmp_path: Path) -> None:
    said: list[str] = []
    for seed in range(MUTATIONS):
        try:
            path = write_mutation(tmp_path / "a.ckpt", whole, seed)
        except RecursionError:  # torch doesn't write it either
            continue
        started = time.process_time()
        if (answer := _answer(path)) is not None:
            said.append(answer)
        assert time.process_time() - started < 10, seed
    assert len(said) > MUTATIONS // 3  # or they would all be harmless


def _changed(whole: bytes, path: Path, **sizes: Any) -> Path:
    stored = torch.load(io.BytesIO(whole), weights_only=True)
    stored[checkpoint.KEY]["sizes"] |= sizes
    torch.save(stored, path)
    return path


@pytest.mark.parametrize("size", [10**9, 2**31])
def test_a_model_larger_than_its_weights_is_never_made(whole: bytes, tmp_path: Path, size: int) -> None:
    said = _answer(_changed(whole, tmp_path / "a.ckpt", num_characters=size))
    assert said is not None
    assert "this checkpoint is damaged" in said


@pytest.mark.parametrize("depth", [60, 900, 5000])
@pytest.mark.parametrize("opened, closed", [("[", "]"), ('{"a":', "}")])
def test_a_config_of_any_depth_answers_or_is_one_line(
    whole: bytes, tmp_path: Path, depth: int, opened: str, closed: str
) -> None:
    """How deep Python goes is another number in each version."""
    stored = torch.load(io.BytesIO(whole), weights_only=True)
    ours = stored[checkpoint.KEY]
    config = json.loads(ours["config"])
    for node in (config, config["model"], config["model"]["attention"], config["task"], config["data"]):
        node["more"] = 0
        deep = f'"more": {opened * depth}0{closed * depth}'
        ours["config"] = json.dumps(config).replace('"more": 0', deep)
        del node["more"]
        torch.save(stored, tmp_path / "a.ckpt")
        said = _answer(tmp_path / "a.ckpt")
        assert depth < 100 or (said is not None and "without a whole config" in said)


def test_other_ways_to_a_checkpoint_say_the_same(tmp_path: Path) -> None:
    """Those of `init_from` and of a run that goes on."""
    [good] = (EARLIER / "ner").rglob("best.ckpt")
    shutil.copyfile(good, tmp_path / "cut.ckpt")
    with (tmp_path / "cut.ckpt").open("r+b") as file:
        file.truncate(5000)
    with pytest.raises(UserError, match="this checkpoint is damaged or not a checkpoint, got"):
        warm_start(
            build_tiny("ner"), str(tmp_path / "cut.ckpt"), strict=False, codec=build.codec_state(codec_of("ner"))
        )
