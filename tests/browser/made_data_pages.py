"""Pages of data sets."""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from made_entity_pages import TEXTS

from attnlab.reporting.pages.data_page import (
    BatchShown,
    DataPage,
    Line,
    Piece,
    ShownBox,
    ShownExample,
    data_page,
)
from attnlab.reporting.pages.report.contents import Table, Text, plain

NAME = "a_name_" + "that_goes_on_" * 9
COUNTS = Table(
    name="counts",
    caption=Text("What there is", "数量"),
    heads=[plain(""), *(Text(f"{split} {NAME}", split) for split in ("train", "val", "test"))],
    rows=[[plain(f"{name}"), *[plain("1,234,567")] * 3] for name in ("<b>", "猫", NAME)],
)


def _page(examples: Sequence[ShownExample], warnings: Sequence[str]) -> str:
    batches = [
        BatchShown(
            name=split,
            title=Text(f"First batch of {split}", f"{split} 的第一个批次"),
            about=[Text("2 of its 3 examples", "其 3 个样本中的 2 个"), plain("tensors: 3 x 5")],
            examples=examples,
            sides={"source": Text("source", "原文")},
        )
        for split in ("train", "val")
    ]
    return data_page(
        DataPage(
            title=Text(f"Data: {NAME}", f"数据：{NAME}"),
            facts=[(Text("data", "数据"), plain(NAME)), (Text("task", "任务"), plain("ner"))],
            warnings=warnings,
            refused=NAME if warnings else None,
            tables=[COUNTS],
            notes=[Text("No example is there twice", "没有相同的样本")],
            batches=batches,
            command=f"attnlab data {NAME} --html page.html",
        )
    )


def _of_texts(_: Path) -> str:
    kinds = ("special", "text", "unknown", "byte", "padding")
    return _page(
        [
            ShownExample(
                number=number,
                lines=[Line("source", [Piece(word, kinds[n % 5], "B-PER" if n % 3 else None)
                                       for n, word in enumerate(text.split())], cut=number)],
            )
            for number, text in enumerate(TEXTS)
        ],
        ["left out 3 of <b>9</b> pairs: " + NAME],
    )  # fmt: skip


def _of_pictures(_: Path) -> str:
    draws = torch.Generator().manual_seed(3)
    sizes = [(1, 28, 28), (3, 200, 500), (3, 500, 120)]
    return _page(
        [
            ShownExample(
                number=number,
                name=f"{NAME}/{number}.png",
                label="Ankle boot" if not number else None,
                picture=torch.randint(0, 256, size, generator=draws, dtype=torch.uint8),
                boxes=[ShownBox(0, 0, 20, 9, NAME), ShownBox(5, 12, 28, 28, "猫")][:number] if number else None,
            )
            for number, size in enumerate(sizes)
        ],
        [],
    )


DATA_PAGES: dict[str, Callable[[Path], str]] = {"data_of_texts": _of_texts, "data_of_pictures": _of_pictures}
