"""A data set on a terminal: its numbers, what training would warn of or refuse, and some examples."""

from collections.abc import Iterator, Sequence

from attnlab.commands.data.set_shown import SetShown
from attnlab.commands.data.tables import cells
from attnlab.commands.data.words import said
from attnlab.language import Language
from attnlab.reading.shown import without_controls
from attnlab.reporting.pages.data_page import Line, ShownBatch, ShownExample
from attnlab.reporting.pages.report.contents import Table, Text
from attnlab.reporting.terminal.text import display_width, one_line, pad, shorten

GAP = 2  # columns between columns
WOULD_REFUSE = Text("What training would refuse", "训练时会拒绝的")
MOST_ROWS = 40  # of a table; a page and --json have all


def rendered(shown: SetShown, *, language: Language, width: int) -> Iterator[str]:
    """Line by line, of at most `width` columns where that can be."""
    for what, which in shown.facts:
        yield f"{pad(_in(what, language), 14)}{_in(which, language)}"
    for table in shown.tables:
        yield ""
        yield _in(table.caption, language)
        yield from _table(table, language)
    for note in shown.notes:
        yield ""
        yield _in(note, language)
    if shown.warnings:
        yield ""
        yield _in(Text("What training would warn of", "训练时会给出的警告"), language)
        yield from (f"  - {without_controls(_in(each, language))}" for each in shown.warnings)
    if shown.refused is not None:
        yield ""
        yield _in(WOULD_REFUSE, language)
        yield f"  - {without_controls(shown.refused)}"
    for batch in shown.batches[:1]:
        yield from _examples(batch, language, width)


def _table(table: Table, language: Language) -> Iterator[str]:
    rows = [[one_line(without_controls(cell)) for cell in row] for row in cells(table, chinese=language == "zh")]
    left_out = len(rows) - 1 - MOST_ROWS
    shown = rows[: MOST_ROWS + 1]
    widths = [max(display_width(row[column]) for row in shown) for column in range(len(table.heads))]
    for row in shown:
        yield "  " + _row(row, widths, table.words).rstrip()
    if left_out > 0:
        yield _in(
            Text(f"  ... and {left_out} more (see --html or --json)", f"  ……还有 {left_out} 行（见 --html 或 --json）"),
            language,
        )


def _row(row: Sequence[str], widths: Sequence[int], words: Sequence[int]) -> str:
    placed = []
    for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
        room = " " * (width - display_width(cell))
        placed.append(cell + room if column in words else room + cell)
    return (" " * GAP).join(placed)


def _examples(batch: ShownBatch, language: Language, width: int) -> Iterator[str]:
    split = said(batch.split)
    yield ""
    yield _in(Text(f"From the first batch of {split.english}", f"{split.chinese}的第一个批次中"), language)
    for example in batch.examples:
        yield from (shorten(one_line(without_controls(line)), width) for line in _example(example, language))


def _example(example: ShownExample, language: Language) -> Iterator[str]:
    head = " ".join([f"  {example.number}", *filter(None, (example.name, example.label))])
    if example.boxes is not None:
        found = ", ".join(each.label for each in example.boxes) or _in(Text("no box", "没有框"), language)
        head = f"{head}: {found}"
    if not example.lines:
        yield head
        return
    for place, line in enumerate(example.lines):
        side = _in(said(line.of), language)
        if line.cut:
            side += _in(Text(f", {line.cut} more are cut", f"，另 {line.cut} 个被截断"), language)
        yield f"{head if not place else ' ' * display_width(head)} {side}: {_pieces(line)}"


def _pieces(line: Line) -> str:
    return " ".join(
        f"{each.text}/{each.label}" if each.label else each.text for each in line.pieces if each.kind != "padding"
    )


def _in(text: Text, language: Language) -> str:
    return text.chinese if language == "zh" else text.english
