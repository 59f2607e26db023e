"""The steps of each mechanism on feature maps, from what was noted while it was at work."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from torch import Tensor, nn

from attnlab.commands.explain.at_work import AtWork, channels, grid
from attnlab.commands.explain.steps.step import Step, matrix_of, number, numbered
from attnlab.commands.explain.words import alike
from attnlab.feature_attention import (
    AxialFeatureAttention,
    BamFeatureAttention,
    CbamFeatureAttention,
    CoordinateFeatureAttention,
    EcaFeatureAttention,
    GlobalContextFeatureAttention,
    NoneFeatureAttention,
    NonLocalFeatureAttention,
    SeFeatureAttention,
    SimamFeatureAttention,
    SpatialSoftmaxFeatureAttention,
    TripletFeatureAttention,
    WiderFeatureAttention,
)
from attnlab.language import Words

MEANS = Words("The mean of each channel", "每个通道的平均值")


def map_steps(found: AtWork) -> list[Step]:
    """A shipped mechanism's are told in words; of another one they are what its code has named, and how."""
    return list(STEPS.get(type(found.module), _named)(found))


def _named(found: AtWork) -> Iterator[Step]:
    """Each tensor that `weights` gives a name, then the weights, if there are any, and the output."""
    for note in found.notes:
        if note.statement and note.function != "combine" and note.value.is_floating_point():
            yield _as_it_lies(found, alike(note.statement), note.value)
    if found.weights is not None:
        yield found.weights_step()
    yield found.ending(Words("The output", "输出"))


def _as_it_lies(found: AtWork, title: Words, value: Tensor) -> Step:
    if value.shape[-2:] == found.output.shape[-2:]:
        return grid(title, matrix_of(value.reshape(-1, *value.shape[-2:])[-1]))
    if value.numel() == found.last:
        return channels(title, value)
    return numbered(title, matrix_of(value))


def _none(found: AtWork) -> Iterator[Step]:
    yield found.ending(Words("The output", "输出"))


def _se(found: AtWork) -> Iterator[Step]:
    squeezed = found.parts["network.0:in"][0]
    yield channels(Words("Squeeze: the mean of each channel", "压缩：每个通道的平均值"), squeezed)
    yield numbered(
        Words("Excite: W_1 and ReLU make fewer of them", "激励：W_1 与 ReLU 把它们变少"), found.parts["network.1"][0]
    )
    yield channels(Words("W_2 makes one for each channel again", "W_2 再变回每个通道一个"), found.parts["network.2"][0])
    yield found.weights_step()
    yield found.product()


def _eca(found: AtWork) -> Iterator[Step]:
    yield channels(MEANS, found.notes.first("weights", "means"))
    weights = cast(Any, found.module).convolution.weight
    title = Words(
        "The learned weights of the convolution over neighbouring channels", "在相邻通道上卷积的权重，由学习得到"
    )
    yield numbered(title, weights[0])
    yield channels(Words("The convolution of the means", "对平均值做卷积"), found.parts["convolution"][0])
    yield found.weights_step()
    yield found.product()


def _cbam(found: AtWork) -> Iterator[Step]:
    mean, maximum = found.parts["network.0:in"]
    yield channels(Words("First the channels: the mean of each", "先看通道：每个通道的平均值"), mean)
    yield channels(Words("And its maximum", "以及它的最大值"), maximum)
    gates = found.notes.first("channel_and_spatial", "channel")
    title = Words(
        "Both through one network, added up, σ: the gate of each channel",
        "两者经过同一个网络，相加，取 σ，得到每个通道的门",
    )
    yield channels(title, gates)
    pooled = found.notes.first("forward", "pooled")[0]
    title = Words(
        "Then the positions of what came through: the mean over channels", "再看通过之后的各个位置：各通道上的平均值"
    )
    yield grid(title, pooled[0])
    yield grid(Words("And the maximum over channels", "以及各通道上的最大值"), pooled[1])
    opened = found.notes.first("channel_and_spatial", "1")[0, 0]
    title = Words(
        "The convolution of both, normed, σ: the gate of each position", "对两者做卷积，归一化，取 σ，得到每个位置的门"
    )
    yield grid(title, opened)
    yield found.weights_step()
    yield found.product()


def _bam(found: AtWork) -> Iterator[Step]:
    channel, spatial = (found.notes.first("channel_and_spatial", place) for place in ("0", "1"))
    yield channels(MEANS, found.parts["channel_branch.0:in"][0])
    title = Words(
        "What speaks for each channel: a small network of the means", "支持每个通道的程度：平均值经过一个小网络"
    )
    yield channels(title, channel)
    title = Words("What speaks for each position: convolutions with holes", "支持每个位置的程度：带空洞的卷积")
    yield grid(title, spatial[0, 0])
    yield grid(
        Words(
            f"Both added up, σ: the weights; those of channel {found.last}",
            f"两者相加，取 σ，得到权重；第 {found.last} 个通道的为",
        ),
        cast(Tensor, found.weights)[-1],
    )
    yield found.ending(
        Words("The map times the weights, on top of the map: the output", "特征图乘以权重，再加上特征图，得到输出")
    )


def _coordinate(found: AtWork) -> Iterator[Step]:
    means = found.notes.first("row_and_column", "means")[0, -1]
    rows, columns = (found.notes.first("row_and_column", place)[0, -1] for place in ("0", "1"))
    last = found.last
    yield numbered(
        Words(f"The means of the rows of channel {last}", f"第 {last} 个通道各行的平均值"), means[None, : len(rows)]
    )
    yield numbered(Words("And of its columns", "以及各列的平均值"), means[None, len(rows) :])
    title = Words(
        "All channels' means through a network, σ: the gates of its rows",
        "各通道的平均值一起经过网络，取 σ，得到各行的门",
    )
    yield numbered(title, rows[None])
    yield numbered(Words("And of its columns", "以及各列的门"), columns[None])
    yield found.weights_step()
    yield found.product()


def _global_context(found: AtWork) -> Iterator[Step]:
    yield grid(
        Words("A learned score for each position", "每个位置一个得分，由学习得到"), found.parts["score"][0][0, 0]
    )
    yield grid(Words("Their softmax: the weights", "对它们取 softmax，得到权重"), cast(Tensor, found.weights))
    title = Words(
        "The context: the map's positions, each times its weight, added up",
        "上下文：特征图的各个位置乘以各自的权重，再相加",
    )
    yield channels(title, found.notes.first("combine", "context"))
    title = Words(
        "What a network makes of it; its last layer begins at zero", "它经过一个网络之后；网络的最后一层起初为零"
    )
    yield channels(title, found.notes.first("combine", "added"))
    yield found.ending(Words("Added to every position: the output", "加到每个位置上，得到输出"))


def _spatial_softmax(found: AtWork) -> Iterator[Step]:
    title = Words("A learned score for each position, at first zero", "每个位置一个得分，由学习得到，起初为零")
    yield grid(title, found.parts["score"][0][0, 0])
    title = Words(
        "Their softmax, times the number of positions: the weights", "对它们取 softmax，再乘以位置的个数，得到权重"
    )
    yield grid(title, cast(Tensor, found.weights))
    yield found.product()


def _simam(found: AtWork) -> Iterator[Step]:
    deviation = found.notes.first("weights", "deviation")[0, -1]
    variance = float(found.notes.first("weights", "variance")[0, -1])
    title = Words(
        f"The square of each number's distance to its channel's mean; of channel {found.last}",
        f"每个数与所在通道平均值之差的平方；第 {found.last} 个通道的为",
    )
    yield grid(title, deviation)
    yield number(Words("The channel's variance", "该通道的方差"), "v", variance)
    title = Words("σ(d / (4 (v + λ)) + 1/2): the weights", "σ(d / (4 (v + λ)) + 1/2)，得到权重")
    yield grid(title, cast(Tensor, found.weights)[-1])
    yield found.product()


def _triplet(found: AtWork) -> Iterator[Step]:
    over_places, over_width, over_height = (
        found.parts["height_width"][0],
        found.parts["channel_width"][0],
        found.parts["channel_height"][0],
    )
    last = found.last
    title = Words("The gate over height and width, with channels pooled away", "高与宽上的门，通道已池化")
    yield grid(title, over_places[0, 0])
    title = Words(
        f"That over channels and width, with height pooled away; of channel {last}",
        f"通道与宽上的门，高已池化；第 {last} 个通道的为",
    )
    yield grid(title, over_width[0, -1])
    title = Words(
        f"That over channels and height, with width pooled away; of channel {last}",
        f"通道与高上的门，宽已池化；第 {last} 个通道的为",
    )
    yield grid(title, over_height[0, -1])
    title = Words(f"Their mean: the weights; those of channel {last}", f"三者的平均，得到权重；第 {last} 个通道的为")
    yield grid(title, cast(Tensor, found.weights)[-1])
    yield found.product()


def _looked(found: AtWork, path: str, what: Words) -> Step:
    """How the middle of the first sequence looks at it, by the attention inside."""
    weights = found.looked[path].double()[0, 0]  # (Tq, Tk) of the first head
    return numbered(what, weights[[len(weights) // 2]])


def _added(found: AtWork, gain: str, attended: Tensor, what: Words) -> Iterator[Step]:
    yield grid(what, attended)
    title = Words("The learned gain γ, which begins at zero", "增益 γ，由学习得到，起初为零")
    yield number(title, "γ", float(getattr(found.module, gain).detach()))


def _non_local(found: AtWork) -> Iterator[Step]:
    height, width = found.output.shape[-2:]
    attended = found.notes.first("forward", "attended")[0, :, -1].view(height, width)
    middle = height * width // 2 + 1
    title = Words(
        f"All {height * width} positions as one sequence; how position {middle} attends to each (head 1)",
        f"{height * width} 个位置作为一个序列；第 {middle} 个位置注意各个位置的权重（第 1 个头）",
    )
    weights = found.looked["attention"].double()[0, 0, middle - 1].view(height, width)
    yield grid(title, weights)
    title = Words(
        f"What each position gathers by its weights; in channel {found.last}",
        f"每个位置按权重收集到的；第 {found.last} 个通道的为",
    )
    yield from _added(found, "gain", attended, title)
    yield found.ending(Words("The map plus γ times that: the output", "特征图加上 γ 乘以它，得到输出"))


def _axial(found: AtWork) -> Iterator[Step]:
    rows, columns = found.notes.every("along_rows")
    title = Words(
        "How the middle of the first row attends to its row (head 1)", "第一行的中间位置注意本行的权重（第 1 个头）"
    )
    yield _looked(found, "row_attention", title)
    title = Words(
        f"What each position gathers from its row; in channel {found.last}",
        f"每个位置从本行收集到的；第 {found.last} 个通道的为",
    )
    yield from _added(found, "row_gain", rows[0, -1], title)
    title = Words("Then columns: how the middle of the first attends to it", "再看列：第一列的中间位置注意本列的权重")
    yield _looked(found, "column_attention", title)
    title = Words("What each position gathers from its column", "每个位置从本列收集到的")
    yield from _added(found, "column_gain", columns[0, -1].mT, title)
    yield found.ending(
        Words("The map plus both, each times its γ: the output", "特征图加上两者，各乘以自己的 γ，得到输出")
    )


def _wider(found: AtWork) -> Iterator[Step]:
    hidden = found.parts["network.1"][0][0]
    for place, each in enumerate(hidden, start=1):
        title = Words(
            f"Hidden channel {place}: W_1 and ReLU, at each position by itself",
            f"第 {place} 个隐藏通道：每个位置各自经过 W_1 与 ReLU",
        )
        yield grid(title, each)
    title = Words(
        f"W_2 of these, which begins at zero; in channel {found.last}",
        f"再经过 W_2，它起初为零；第 {found.last} 个通道的为",
    )
    yield grid(title, found.notes.first("forward", "added")[0, -1])
    yield found.ending(Words("Added to the map: the output", "加到特征图上，得到输出"))


STEPS: dict[type[nn.Module], Callable[[AtWork], Iterator[Step]]] = {
    AxialFeatureAttention: _axial,
    BamFeatureAttention: _bam,
    CbamFeatureAttention: _cbam,
    CoordinateFeatureAttention: _coordinate,
    EcaFeatureAttention: _eca,
    GlobalContextFeatureAttention: _global_context,
    NonLocalFeatureAttention: _non_local,
    NoneFeatureAttention: _none,
    SeFeatureAttention: _se,
    SimamFeatureAttention: _simam,
    SpatialSoftmaxFeatureAttention: _spatial_softmax,
    TripletFeatureAttention: _triplet,
    WiderFeatureAttention: _wider,
}


def is_told(module: nn.Module) -> bool:
    """Whether its steps are told in words."""
    return type(module) in STEPS
