"""What `attnlab data --html` shows."""

import shlex
from collections.abc import Sequence

from attnlab.commands.data.set_shown import SetShown
from attnlab.commands.data.words import said
from attnlab.reporting.pages.data_page import BatchShown, DataPage, ShownBatch, data_page
from attnlab.reporting.pages.report.contents import Text


def page_of(shown: SetShown, *, command: Sequence[str]) -> str:
    """The page, as one file; `command` is what was typed after `attnlab`."""
    return data_page(
        DataPage(
            title=Text(f"Data: {shown.title}", f"数据：{shown.title}"),
            facts=shown.facts,
            warnings=shown.warnings,
            refused=shown.refused,
            tables=shown.tables,
            notes=shown.notes,
            batches=[_batch(each) for each in shown.batches],
            command=shlex.join(["attnlab", *command]),
        )
    )


def _batch(batch: ShownBatch) -> BatchShown:
    split = said(batch.split)
    shapes = ", ".join(f"{name} {' x '.join(map(str, shape))}" for name, shape in batch.shapes)
    num = len(batch.examples)
    about = [
        Text(f"{num} of its {batch.rows} examples", f"本批次 {batch.rows} 个样本，显示 {num} 个"),
        Text(f"tensors: {shapes}", f"张量：{shapes}"),
    ]
    if batch.padding is not None:
        about.append(Text(f"{batch.padding:.1%} of it is padding", f"其中 {batch.padding:.1%} 是填充"))
    return BatchShown(
        name=batch.split,
        title=Text(f"First batch of {split.english}", f"{split.chinese}的第一个批次"),
        about=about,
        examples=batch.examples,
        sides={line.of: said(line.of) for each in batch.examples for line in each.lines},
    )
