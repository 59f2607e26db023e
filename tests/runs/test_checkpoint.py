"""A stranger's checkpoint runs no code, and a damaged one is one clear line."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from attnlab.config import identity
from attnlab.errors import UserError
from attnlab.runs import checkpoint

pytestmark = pytest.mark.text

CONFIG = {
    "model": {"_target_": "attnlab.models.Transformer", "dim": 31},
    **{group: {"_target_": f"attnlab.{group}.X"} for group in ("task", "data", "trainer")},
}


def _stored(**more: Any) -> dict[str, Any]:
    return {
        "state_dict": {"w": torch.ones(3)},
        checkpoint.KEY: checkpoint.contents(CONFIG, {"n": 3}, {"class": "X", "state": {}}, "0f"),
        **more,
    }


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    torch.save(_stored(), tmp_path / "a.ckpt")
    stored = checkpoint.load(tmp_path / "a.ckpt")
    assert checkpoint.config_of(stored, tmp_path / "a.ckpt") == identity.config_of_today(CONFIG)
    assert stored[checkpoint.KEY]["sizes"] == {"n": 3}


class _Bomb:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path("exploded"),))


def test_a_pickled_object_is_refused_and_never_run(tmp_path: Path) -> None:
    torch.save(_stored(extra=_Bomb()), tmp_path / "bomb.ckpt")
    with pytest.raises(UserError, match="holds objects other than tensors and plain values"):
        checkpoint.load(tmp_path / "bomb.ckpt")
    (tmp_path / "bare.ckpt").write_bytes(pickle.dumps(_Bomb()))
    with pytest.raises(UserError, match=r"it would call pathlib\.Path\.touch"):
        checkpoint.load(tmp_path / "bare.ckpt")
    assert not Path("exploded").exists()


@pytest.mark.parametrize("kept", [0, 1, 100, 0.5, 0.99])
def test_a_truncated_checkpoint_is_named(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "cut.ckpt"
    torch.save(_stored(), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept if kept >= 1 or kept == 0 else kept * len(whole))])
    with pytest.raises(UserError, match=r"damaged or not a checkpoint, got .*cut.ckpt"):
        checkpoint.load(path)


def test_a_whole_checkpoint_beside_a_cut_one_is_named(tmp_path: Path) -> None:
    best, last = tmp_path / "best.ckpt", tmp_path / "last.ckpt"
    torch.save(_stored(), last)
    best.write_bytes(last.read_bytes()[:-99])
    with pytest.raises(UserError, match=rf"got {best}: .* \(give {last}, which is beside it and whole\)$"):
        checkpoint.load(best)
    last.write_bytes(best.read_bytes())
    with pytest.raises(UserError, match=r"\(give a run's folder, or a whole .ckpt of one\)$"):
        checkpoint.load(best)


def test_a_flipped_byte_in_the_weights_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "flipped.ckpt"
    torch.save(_stored(state_dict={"w": torch.full((999,), 1.5)}), path)
    data = bytearray(path.read_bytes())
    where = data.index(torch.full((3,), 1.5).numpy().tobytes())
    data[where] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(UserError, match="damaged"):
        checkpoint.load(path)


def test_other_files_are_not_checkpoints(tmp_path: Path) -> None:
    torch.save({"state_dict": {}}, tmp_path / "other.ckpt")
    with pytest.raises(UserError, match="not a checkpoint written by attnlab"):
        checkpoint.load(tmp_path / "other.ckpt")
    with pytest.raises(UserError, match=r"no such run folder or checkpoint, got .*nothing"):
        checkpoint.find(tmp_path / "nothing")
    with pytest.raises(UserError, match=r"no checkpoint in this folder"):
        checkpoint.find(tmp_path)


def test_an_interpolation_is_text() -> None:
    stored = _with_config(CONFIG | {"name": "${oc.env:HOME}"})
    assert "${oc.env:HOME}" in json.dumps(checkpoint.config_of(stored, Path("a.ckpt")))


def _with_config(config: dict[str, Any]) -> dict[str, Any]:
    return {checkpoint.KEY: checkpoint.contents(config, {}, {}, "0f")}


@pytest.mark.parametrize(
    "change, said",
    [
        ({"state_dict": None}, "without its state_dict"),
        ({"state_dict": {"w": 3}}, "whose weights w are none"),
        ({checkpoint.KEY: 3}, "without its format"),
        ({checkpoint.KEY: {"format": 1, "config": 3}}, "without its config"),
        (
            {checkpoint.KEY: checkpoint.contents(CONFIG, {}, {"class": "X", "state": {}}, "0f") | {"config": "["}},
            "without a whole config",
        ),
        ({checkpoint.KEY: checkpoint.contents(CONFIG, {}, {"class": 3}, "0f")}, "without its codec.class"),
    ],
)
def test_what_is_lacking_or_of_another_kind_is_one_line(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    good = {
        "state_dict": {"w": torch.ones(3)},
        checkpoint.KEY: checkpoint.contents(CONFIG, {"n": 3}, {"class": "X", "state": {}}, "0f"),
    }
    torch.save(good | change, tmp_path / "a.ckpt")
    with pytest.raises(UserError, match=f"this checkpoint is damaged, got .* {said}"):
        checkpoint.load(tmp_path / "a.ckpt")
