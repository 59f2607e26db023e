"""What a mechanism on feature maps was seen to do, and how its steps are shown: over channels, over positions."""

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from attnlab.commands.explain.columns import as_number
from attnlab.commands.explain.steps.step import Step, floats
from attnlab.commands.explain.watching import Notes
from attnlab.language import Words

IN_A_ROW = 8  # channels


@dataclass(frozen=True, kw_only=True)
class AtWork:
    """A mechanism after it has been at work on one map: `notes` of its code, and what each of its parts gave out.

    `looked` are the weights of the query-key-value attention inside of it, by its path.
    """

    module: nn.Module
    notes: Notes
    parts: Mapping[str, list[Tensor]]
    looked: Mapping[str, Tensor]
    weights: Tensor | None  # (C), (H, W) or (C, H, W)
    output: Tensor  # (C, H, W)

    @property
    def last(self) -> int:
        """The last channel's number."""
        return self.output.size(0)

    def weights_step(self) -> Step:
        """The weights, of the last channel where each has its own."""
        assert self.weights is not None
        if self.weights.dim() == 1:
            return channels(
                Words("σ of that: the weights, one for each channel", "取 σ，得到权重，每个通道一个"), self.weights
            )
        if self.weights.dim() == 2:
            return grid(Words("The weights, one for each position", "权重，每个位置一个"), self.weights)
        return grid(
            Words(
                f"The weights, one for each position of each channel; those of channel {self.last}",
                f"权重，每个通道的每个位置一个；第 {self.last} 个通道的为",
            ),
            self.weights[-1],
        )

    def product(self) -> Step:
        """The output of a mechanism that multiplies."""
        return self.ending(Words("The map times the weights: the output", "特征图乘以权重，得到输出"))

    def ending(self, done: Words) -> Step:
        """The last step: what is done, and the whole output, of which the last channel is shown."""
        title = Words(f"{done.en}; its channel {self.last}", f"{done.zh}；其第 {self.last} 个通道为")
        return Step(title=title, rows=grid(title, self.output[-1]).rows, values=floats(self.output))


def channels(title: Words, values: Tensor) -> Step:
    """A number for each channel, eight in a row."""
    numbers = floats(values)
    rows = []
    for first in range(0, len(numbers), IN_A_ROW):
        part = numbers[first : first + IN_A_ROW]
        rows.append((f"{first + 1}-{first + len(part)}", *map(as_number, part)))
    return Step(title=title, rows=[*rows], values=numbers)


def grid(title: Words, values: Tensor) -> Step:
    """A number for each position (H, W)."""
    return Step(title=title, rows=[tuple(map(as_number, floats(row))) for row in values], values=floats(values))
