"""The legal grid: what grid.json says is what the constructors say, and every cell that it calls legal trains."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from omegaconf import DictConfig
from tiny_generation import Loader, trainer_of

from attnlab.commands import cli
from attnlab.commands.list import grid, grid_table
from attnlab.config import compose, fitting
from attnlab.data import DetectionBatch, ImageBatch, ImageCodec, LanguageBatch, TaggingBatch, TextPairBatch
from attnlab.models.special_tokens import BOS, EOS, PAD
from attnlab.runs import build

COMMITTED = fitting.read()
SMALL = {"dim": 12, "num_heads": 3, "num_layers": 1, "num_blocks": 1, "feed_forward_dim": 13, "patch_size": 7}
SMALL |= {"dropout": 0.0, "word_dropout": 0.0, "character_dim": 5}
SHALLOW = {"num_blocks": 1, "stage_channels": [64, 128], "stage_blocks": [1, 1], "num_levels": 2}
SHALLOW |= {"num_denoising_groups": 0}  # whose noise would make losses go up and down
CELLS = [
    (task, model, group, name, cell)
    for task, models in COMMITTED["cells"].items()
    for model, groups in models.items()
    for group, cells in groups.items()
    for name, cell in cells.items()
]
LEGAL = [cell[:4] for cell in CELLS if "refused" not in cell[4]]
# Where each mechanism trains: these take all of them, in every role that they serve.
THROUGHOUT = {"attention": ("translation", "transformer"), "feature_attention": ("image_classification", "resnet")}
ROLES_THERE = {"encoder": "self", "decoder": "causal", "cross": "cross"}
ON_GRIDS = {name for name, each in COMMITTED["attention"].items() if each.get("on_grids")}
OF_PATCHES = ("image_classification", "vit")  # where those train that need places on a grid
REFUSED = [
    # Those that need a grid are refused alike, so one stands for them.
    pytest.param(*cell[:4], cell[4]["refused"], marks=[pytest.mark.grid] if cell[3] in ON_GRIDS - {"swin"} else [])
    for cell in CELLS
    if "refused" in cell[4]
]
# Every model as it stands in its file, and with each mechanism.
ALL = [(task, model, None, None) for task, models in COMMITTED["cells"].items() for model in models] + LEGAL


def _cells(*, two_networks: bool) -> list[Any]:
    """What trains: each model once, and each mechanism in one; `make test-grid` has the others, too."""
    return [
        pytest.param(*cell, marks=[] if cell[2] is None or cell[:2] == _home(*cell[2:]) else [pytest.mark.grid])
        for cell in ALL
        if (cell[0] == "image_generation") == two_networks
    ]


def _home(group: str, name: str) -> tuple[str, str]:
    return OF_PATCHES if name in ON_GRIDS else THROUGHOUT[group]


def _translation_batch() -> TextPairBatch:
    source = torch.tensor([[5, 11, 4, 23, 8, 19, EOS], [9, 7, 13, 6, EOS, PAD, PAD], [17, 9, EOS, PAD, PAD, PAD, PAD]])
    target = torch.tensor([[BOS, 20, 9, 14, 26, EOS], [BOS, 8, 22, EOS, PAD, PAD], [BOS, 30, 11, 5, 7, EOS]])
    return TextPairBatch(torch.arange(3), source, target)


def _tagging_batch() -> TaggingBatch:
    words = torch.tensor([[5, 11, 4, 23, 8, 19, 3], [9, 7, 0, 0, 0, 0, 0], [17, 13, 28, 6, 22, 0, 0]])
    labels = torch.tensor([[0, 1, 2, 0, 3, 4, 0], [5, 6, -100, -100, -100, -100, -100], [0, 0, 5, 1, 2, -100, -100]])
    letters = torch.tensor([[2, 9, 4], [3, 11, 0], [5, 7, 0], [11, 13, 17], [6, 0, 0]])
    return TaggingBatch(torch.arange(3), words, letters[words % 5] * (words != PAD).unsqueeze(2), labels)


def _language_batch() -> LanguageBatch:
    tokens = torch.tensor([[5, 11, 4, 23, 8, 19, 3], [9, 7, 0, 0, 0, 0, 0], [17, 13, 28, 6, 22, 0, 0]])
    targets = torch.tensor([[11, 4, 23, 8, 19, 3, 2], [7, 2, *[-100] * 5], [13, 28, 6, 22, 2, -100, -100]])
    return LanguageBatch(torch.arange(3), tokens, targets)


def _image_batch() -> ImageBatch:
    images = torch.randn(7, 1, 28, 28, generator=torch.Generator().manual_seed(7))
    # Dark ones and bright ones: a single hidden unit would do for all noise alike, or for none.
    images += torch.linspace(-2, 2, 7)[:, None, None, None]
    return ImageBatch(torch.arange(7), images, torch.tensor([3, 0, 9, 3, 5, 1, 7]))


def _detection_batch() -> DetectionBatch:
    """Three images on canvases of 40 by 48, two of them smaller; one, two and three objects."""
    images = torch.randn(3, 1, 40, 48, generator=torch.Generator().manual_seed(7))
    # Of differing contrast and slope: group norm makes images alike that differ in brightness alone.
    images *= torch.tensor([0.3, 1.0, 3.0])[:, None, None, None]
    images += torch.linspace(-2, 2, 48) * torch.tensor([0.0, 1.0, -1.0])[:, None, None, None]
    boxes = torch.zeros(3, 3, 4)
    boxes[0, :2] = torch.tensor([[3.0, 5.0, 22.0, 19.0], [20.0, 14.0, 41.0, 37.0]])
    boxes[1, :1] = torch.tensor([[2.0, 11.0, 24.0, 30.0]])
    boxes[2] = torch.tensor([[7.0, 2.0, 33.0, 21.0], [1.0, 1.0, 9.0, 12.0], [30.0, 4.0, 46.0, 20.0]])
    labels = torch.tensor([[1, 4, -1], [0, -1, -1], [6, 2, 1]])
    return DetectionBatch(torch.arange(3), images, torch.tensor([[40, 48], [40, 31], [23, 48]]), boxes, labels)


# What each task trains on here: values of its data, and a batch; another one on a batch of its own data.
TASKS: dict[str, tuple[dict[str, Any], Callable[[], Any]]] = {
    "image_classification": ({}, _image_batch),
    "image_generation": ({}, _image_batch),
    "object_detection": ({"height": 40, "width": 48}, _detection_batch),
    "ner": ({"max_length": 11}, _tagging_batch),
    "language_modelling": ({"context_length": 11, "max_length": 11}, _language_batch),
    "translation": ({"max_source_length": 11, "max_target_length": 13}, _translation_batch),
    "summarization": ({"max_source_length": 11, "max_target_length": 13}, _translation_batch),
}


@cache
def _batch(task: str) -> Any:
    if task in TASKS:
        return TASKS[task][1]()
    data = build.build_data(grid.pair(task, next(iter(COMMITTED["cells"][task]))).resolved())
    data.prepare_data()
    return next(iter(data.train_dataloader()))


@cache
def _pair(task: str, model: str) -> grid.Pair:
    pair = grid.pair(task, model, ["optimizer.lr=0.01"])
    if task in TASKS:
        pair.config.data.update(TASKS[task][0])
    # Reductions divide the channels, which stay as many.
    small = SHALLOW if pair.takes("feature_attention") else SMALL
    if task in ("image_classification", "object_detection"):
        pair.config.optimizer.lr = 0.001  # wide nets and norms over few images overshoot at a high rate
    pair.config.model.update({key: value for key, value in small.items() if key in pair.config.model})
    return pair


@cache
def _parts(group: str) -> dict[str, DictConfig]:
    return grid.parts(group)


def _build(task: str, model: str, group: str | None, name: str | None, codec: Any = None, seed: int = 0) -> Any:
    pair = _pair(task, model)
    config = pair.resolved() if group is None or name is None else pair.with_part(group, _parts(group)[name])
    torch.manual_seed(seed)
    return build.build_task(config, grid.example_sizes(config), codec)


def test_the_committed_grid_is_what_the_constructors_say() -> None:
    assert fitting.PATH.read_text(encoding="utf-8") == grid.text(grid.grid()), "run make grid, and look"


def test_every_model_fits_a_task_and_every_mechanism_some_role() -> None:
    models = set(compose.options("model"))
    assert {model for fitting in COMMITTED["cells"].values() for model in fitting} == models
    assert set(COMMITTED["cells"]) == set(compose.options("task"))
    for name, each in COMMITTED["attention"].items():
        assert each["serves"], name
        assert {*each["serves"], *each["refuses"]} == set(grid_table.ROLES)
    for _, _, _, name, cell in CELLS:
        if cell.get("slots"):
            assert name in cell["slots"].values()


def test_a_swapped_part_is_what_the_command_line_composes() -> None:
    pair = grid.pair("translation", "transformer")
    composed = build.plain(compose.compose_run(["task=translation", "model=transformer", "attention=local"]))
    assert pair.with_part("attention", _parts("attention")["local"]) == {
        key: composed[key] for key in ("task", "model", "data")
    }


def test_every_mechanism_trains_somewhere_in_every_role_that_it_serves() -> None:
    task, model = THROUGHOUT["attention"]
    for name, cell in COMMITTED["cells"][task][model]["attention"].items():
        if name in ON_GRIDS:
            patches = COMMITTED["cells"][OF_PATCHES[0]][OF_PATCHES[1]]["attention"][name]
            assert patches == {"slots": {"encoder": name}}
            assert COMMITTED["attention"][name]["serves"] == ["self"]
            assert "needs places on a grid" in cell["refused"]
            continue
        trained = {ROLES_THERE[slot] for slot, mechanism in cell["slots"].items() if mechanism == name}
        # Without a slot that takes it scaled_dot stands there.
        assert trained == set(COMMITTED["attention"][name]["serves"]), name
    task, model = THROUGHOUT["feature_attention"]
    taken = COMMITTED["cells"][task][model]["feature_attention"]
    assert {name for name, cell in taken.items() if "refused" not in cell} == set(COMMITTED["feature_attention"])


@pytest.mark.parametrize("task, model, group, name", _cells(two_networks=False))
def test_every_legal_cell_trains(task: str, model: str, group: str | None, name: str | None) -> None:
    module = _build(task, model, group, name)
    batch = _batch(task)
    optimizer = module.optimizer(module.parameters())
    losses: list[float] = []
    moved: set[str] = set()
    for number in range(2):
        loss = module.training_step(batch, number)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        for path, parameter in module.named_parameters():
            assert parameter.grad is not None, f"{path} gets no gradient"
            assert parameter.grad.isfinite().all(), path
            # Behind a gain that starts at zero there is no gradient at the first update.
            moved |= {path} if parameter.grad.any() else set()
        optimizer.step()
    # What adds the same to every score has a gradient of rounding alone: softmax takes no notice of it.
    stuck = {path for path, _ in module.named_parameters() if not path.endswith("key_projection.bias")} - moved
    if model == "vit":  # of whose single layer the class token alone is read, which is at no distance from a patch
        stuck = {path for path in stuck if not path.endswith("core.table")}
    assert not stuck, f"the gradient of {stuck} is zero"
    losses.append(module.training_step(batch, 2).item())
    assert losses[0] > losses[1] > losses[2], losses


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:.*have no `val_dataloader`")
@pytest.mark.parametrize("task, model, group, name", _cells(two_networks=True))
def test_every_legal_cell_of_two_networks_trains(task: str, model: str, group: str | None, name: str | None) -> None:
    """Each network by its own optimizer, against the other: losses needn't fall, but everything learns."""
    codec = ImageCodec(classes=list("abcdefghij"), channels=1, height=28, width=28, mean=[0.5], std=[0.2])
    # With some seeds the few hidden units of a mechanism are off for all images, which at first are much alike.
    module = _build(task, model, group, name, codec, seed=2)
    paths = {parameter: path for path, parameter in module.model.named_parameters()}
    seen: list[set[str]] = []
    moved: set[str] = set()

    def note(optimizer: Any) -> None:
        mine = [parameter for each in optimizer.param_groups for parameter in each["params"]]
        seen.append({paths[parameter].split(".")[0] for parameter in mine})
        for parameter in mine:
            assert parameter.grad is not None, f"{paths[parameter]} gets no gradient"
            assert parameter.grad.isfinite().all(), paths[parameter]
            moved.update([paths[parameter]] if parameter.grad.any() else [])

    module.on_before_optimizer_step = note
    trainer_of(max_steps=2).fit(module, Loader([TASKS[task][1]() for _ in range(2)]))
    assert seen == 2 * [{"discriminator"}, {"generator"}]
    stuck = {path for path in paths.values() if not path.endswith("key_projection.bias")} - moved
    assert not stuck, f"the gradient of {stuck} is zero"


@pytest.mark.parametrize("task, model, group, name, reason", REFUSED)
def test_every_refused_cell_refuses_with_the_reason_listed(
    task: str, model: str, group: str, name: str, reason: str
) -> None:
    with pytest.raises(build.UserError) as refusal:
        _build(task, model, group, name)
    assert str(refusal.value) == reason


def test_training_a_refused_cell_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    task, model, group, name, reason = REFUSED[0].values
    assert cli.main(["train", f"task={task}", f"model={model}", f"{group}={name}", "output_dir=run"]) == 2
    assert f"error: {reason}" in capsys.readouterr().err
    assert not Path("run/config.json").exists()
