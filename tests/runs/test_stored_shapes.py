"""A model is made only where its weights are there, and those of its size."""

from pathlib import Path

import pytest
import torch
from tiny_tasks import build_tiny, config_of, store
from torch import nn

from attnlab.errors import UserError
from attnlab.runs import build, checkpoint
from attnlab.runs.stored_shapes import check_shapes, weights_of

PLACE = Path("a.ckpt")


def test_a_network_whose_weights_are_there_is_fine() -> None:
    check_shapes(lambda: nn.Linear(3, 5), nn.Linear(3, 5).state_dict(), PLACE)
    networks = nn.ModuleDict({"model": nn.Linear(3, 5)})
    weights = {**networks.state_dict(), "class_weights": torch.ones(2)}
    assert weights_of(networks, weights).keys() == networks.state_dict().keys()
    check_shapes(lambda: nn.ModuleDict({"model": nn.Linear(3, 5)}), weights, PLACE)


@pytest.mark.parametrize("inputs, outputs, bias", [(3, 7, True), (3, 5, False), (10**9, 10**9, True)])
def test_other_shapes_are_named_before_there_is_room_for_them(inputs: int, outputs: int, bias: bool) -> None:
    with pytest.raises(UserError, match=r"don't fit its own config, got a\.ckpt, where (bias|weight) is \("):
        check_shapes(lambda: nn.Linear(inputs, outputs, bias=bias), nn.Linear(3, 5).state_dict(), PLACE)


class _Table(nn.Linear):
    def __init__(self) -> None:
        super().__init__(3, 5)
        self.register_buffer("table", torch.empty(1 << 20, 1 << 20), persistent=False)


def test_a_table_that_no_checkpoint_holds_has_a_bound() -> None:
    with pytest.raises(UserError, match=r"of a larger model than its weights are, got a\.ckpt"):
        check_shapes(_Table, nn.Linear(3, 5).state_dict(), PLACE)


def test_layers_without_an_end_end_at_once(tmp_path: Path) -> None:
    config = config_of("translation", "model=transformer", "model.num_heads=2")
    path = store(tmp_path / "a.ckpt", build_tiny("translation", config), config)
    config["model"]["num_layers"] = 1000
    stored = torch.load(path, weights_only=True)
    ours = checkpoint.contents(config, stored[checkpoint.KEY]["sizes"], stored[checkpoint.KEY]["codec"], "0f")
    torch.save(stored | {checkpoint.KEY: ours}, path)
    with pytest.raises(UserError, match="of a larger model than its weights are, got"):
        build.restore_predictor(path)
