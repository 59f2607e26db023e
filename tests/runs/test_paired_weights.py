"""Models of one seed share the initial weights of the same path and shape, whose distributions stay what they were."""

from collections.abc import Callable
from functools import cache, partial
from itertools import chain
from typing import Any

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf
from scipy.stats import ks_2samp
from torch import Tensor, nn

from attnlab.commands.list import grid
from attnlab.config import fitting
from attnlab.config.compose import load_group
from attnlab.runs import build, paired_weights

CELLS = fitting.read()["cells"]
MODELS = {model: task for task, models in CELLS.items() for model in models}  # each once
SMALL = {"dim": 12, "num_heads": 3, "num_layers": 2, "num_blocks": 1, "feed_forward_dim": 13, "patch_size": 7}
SMALL |= {"character_dim": 5, "stage_channels": [64, 128], "stage_blocks": [1, 1], "num_levels": 2}
NUM_SEEDS = 4


@cache
def _pair(task: str, model: str) -> grid.Pair:
    pair = grid.pair(task, model)
    pair.config.model.update({key: value for key, value in SMALL.items() if key in pair.config.model})
    return pair


@cache
def _part(group: str, name: str) -> Any:
    return load_group(group, name)


def _config(task: str, model: str, group: str = "", name: str = "") -> build.Config:
    pair = _pair(task, model)
    return pair.with_part(group, _part(group, name)) if group else pair.resolved()


def _begun(config: build.Config, seed: int = 3) -> dict[str, Tensor]:
    """What a new run's model holds."""
    task = build.begin_task(config | {"seed": seed}, grid.example_sizes(config), None)
    return _values(task)


def _values(model: nn.Module) -> dict[str, Tensor]:
    return dict(chain(model.named_parameters(), model.named_buffers()))


def _some(values: dict[str, Tensor]) -> dict[str, Tensor]:
    """Of each about as many as a comparison needs."""
    flat = {path: value.detach().flatten() for path, value in values.items()}
    return {path: value[:: max(1, value.numel() // 199)].clone() for path, value in flat.items()}


def _drawn(values: list[Tensor]) -> bool:
    """Whether a value was drawn from torch's own generator: it is another one for each seed."""
    return not all(torch.equal(values[0], other) for other in values[1:])


def _check_distributions(plain: Callable[[], Any], paired: Callable[[int], Any]) -> int:
    """That what is drawn in one way is drawn in the other, from the same distribution; of how many values it is."""
    torch.manual_seed(5)
    before = [_some(_values(plain())) for _ in range(NUM_SEEDS)]
    after = [_some(_values(paired(seed))) for seed in range(NUM_SEEDS)]
    number = 0
    for path in before[0]:
        olds, news = [each[path] for each in before], [each[path] for each in after]
        assert _drawn(olds) == _drawn(news), path
        if not _drawn(olds):
            assert torch.equal(olds[0], news[0]), path
            continue
        number += 1
        assert news[0].numel() == 1 or torch.stack(news).unique(dim=0).size(0) == NUM_SEEDS, path
        old, new = torch.cat(olds).numpy(), torch.cat(news).numpy()
        assert ks_2samp(old, new, method="asymp").pvalue > 1e-5, path
    return number


@pytest.mark.parametrize("model", MODELS)
def test_every_model_keeps_its_distributions(model: str, caplog: pytest.LogCaptureFixture) -> None:
    config = _config(MODELS[model], model)
    sizes = grid.example_sizes(config)
    number = _check_distributions(
        lambda: build.build_task(config, sizes, None),
        lambda seed: build.begin_task(config | {"seed": seed}, sizes, None),
    )
    assert number > 1
    assert not caplog.records  # it draws alike each time


@pytest.mark.parametrize("name", fitting.read()["attention"])
def test_every_mechanism_keeps_its_distributions(name: str, caplog: pytest.LogCaptureFixture) -> None:
    factory = instantiate(OmegaConf.to_container(_part("attention", name), resolve=True))
    role = fitting.read()["attention"][name]["serves"][0]
    place = {"grid": (3, 5), "num_extra": 2} if "on_grids" in fitting.read()["attention"][name] else {}
    make = partial(factory, 12, num_heads=2, role=role, max_length=17, **place)
    assert _check_distributions(make, lambda seed: paired_weights.build(make, seed=seed)) > 0
    assert not caplog.records


@pytest.mark.parametrize("name", fitting.read()["feature_attention"])
def test_every_mechanism_on_feature_maps_keeps_its_distributions(name: str) -> None:
    node = OmegaConf.create({"attention": _part("attention", "scaled_dot"), "part": _part("feature_attention", name)})
    factory = instantiate(OmegaConf.to_container(node.part, resolve=True))
    make = partial(factory, 32, max_size=(5, 7))
    _check_distributions(make, lambda seed: paired_weights.build(make, seed=seed))


@pytest.mark.parametrize(
    "one, other",
    [
        (
            ("translation", "transformer", "attention", "additive"),
            ("translation", "transformer", "attention", "relative"),
        ),
        (("translation", "attention_seq2seq", "attention", "dot"), ("translation", "seq2seq")),
        (("ner", "ner_model", "attention", "uniform"), ("ner", "ner_model", "attention", "performer")),
        (
            ("image_classification", "axial_resnet", "attention", "dot"),
            ("image_classification", "axial_resnet", "attention", "concat"),
        ),
        (
            ("image_generation", "sagan", "feature_attention", "none"),
            ("image_generation", "sagan", "feature_attention", "non_local"),
        ),
    ],
)
def test_two_arms_share_what_both_have_and_nothing_else(one: Any, other: Any) -> None:
    values, others = _begun(_config(*one)), _begun(_config(*other))
    again = _begun(_config(*one), seed=4)
    assert values.keys() != others.keys()
    shared = [path for path in values if path in others and values[path].shape == others[path].shape]
    for path in shared:
        assert torch.equal(values[path], others[path]), path
    drawn = [path for path in shared if not torch.equal(values[path], again[path])]
    assert len(drawn) > 3
    for path in drawn:  # each has values of its own
        alike = [p for p in drawn if values[p].shape == values[path].shape and torch.equal(values[p], values[path])]
        assert alike == [path] or _copies(alike)


def _copies(paths: list[str]) -> bool:
    """Whether these are one network's weights and those of its average."""
    return len({path.removeprefix("model.generator.").removeprefix("averaged.") for path in paths}) == 1


class Drawing(nn.Module):
    """Every way of drawing that is not simply one draw in place."""

    def __init__(self, more: bool = False) -> None:
        super().__init__()
        if more:
            self.first = nn.LSTM(7, 5, num_layers=2)
            self.register_buffer("noise", torch.rand(3))
        self.computed = nn.Parameter(3 + 0.1 * torch.randn(11, 13) * torch.rand(13))
        self.overwritten = nn.Linear(7, 11)
        nn.init.xavier_uniform_(self.overwritten.weight, gain=2.0)
        self.orthogonal = nn.Parameter(nn.init.orthogonal_(torch.empty(11, 7)))
        self.truncated = nn.Parameter(nn.init.trunc_normal_(torch.empty(17, 19), std=1.0, a=-0.7, b=0.5))
        self.halves = nn.Parameter(torch.cat([torch.randn(2, 5), torch.randn(2, 5)]))
        self.rows = nn.Parameter(torch.empty(4, 5))
        for row in self.rows.data:
            row.normal_()
        self.tied = nn.Linear(7, 11)
        self.tied.weight = self.overwritten.weight
        self.order = nn.Buffer(torch.randperm(23)) if hasattr(nn, "Buffer") else nn.Parameter(torch.rand(3))
        self.own = nn.Parameter(torch.randn(5, generator=torch.Generator().manual_seed(1)))
        self.plain = torch.randn(3)


def test_draws_of_every_kind_are_of_the_path_that_they_end_in(caplog: pytest.LogCaptureFixture) -> None:
    few, many = [paired_weights.build(partial(Drawing, more), seed=3) for more in (False, True)]
    for path, value in _values(few).items():
        assert torch.equal(value, _values(many)[path]), path
    assert not torch.equal(few.halves[:2], few.halves[2:])
    assert len(few.rows.unique(dim=0)) == 4
    assert few.tied.weight is few.overwritten.weight
    assert torch.equal(few.own, Drawing().own)
    torch.testing.assert_close(few.orthogonal.T @ few.orthogonal, torch.eye(7))
    assert -0.7 <= few.truncated.min() < -0.6
    assert 0.4 < few.truncated.max() <= 0.5
    assert not caplog.records


def test_kinds_of_drawing_keep_their_distributions() -> None:
    assert _check_distributions(Drawing, lambda seed: paired_weights.build(Drawing, seed=seed)) > 7


def test_the_state_of_before_and_the_order_of_construction_dont_matter() -> None:
    class Reversed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(11)
            self.second, self.first = nn.Linear(5, 7), nn.Linear(5, 7)

    class Straight(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = nn.Linear(5, 7), nn.Linear(5, 7)

    values, others = [_values(paired_weights.build(kind, seed=3)) for kind in (Straight, Reversed)]
    for path, value in values.items():
        assert torch.equal(value, others[path])
    assert not torch.equal(values["first.weight"], values["second.weight"])


def test_what_draws_otherwise_each_time_is_told(caplog: pytest.LogCaptureFixture) -> None:
    sizes = iter([3, 5])
    model = paired_weights.build(lambda: nn.Linear(next(sizes), 7), seed=3)
    assert model.weight.shape == (7, 5)
    assert "Linear draws its initial weights in another order each time" in caplog.text
