"""A data set's numbers as tables, for a terminal and for a page."""

from collections.abc import Iterator, Sequence

from attnlab.commands.data.words import said
from attnlab.data.description.description import Description, Lengths, Pieces
from attnlab.reporting.pages.report.contents import Table, Text, plain

KINDS = {
    "classes": (Text("Images of each class", "各类别的图像"), "class"),
    "entities": (Text("Entities of each type", "各类型的实体"), "entity type"),
    "labels": (Text("Words of each label", "各标签的词"), "label"),
    "boxes": (Text("Boxes of each class", "各类别的框"), "class"),
}


def tables_of(described: Description) -> list[Table]:
    """All of them; what there is nothing of has none."""
    tables = [_counts(described), _lengths(described)]
    tables += [_shares(described, kind) for kind in KINDS]
    tables += [_sizes(described), _vocabulary(described), _doubles(described)]
    return [table for table in tables if table.rows]


def _counts(described: Description) -> Table:
    splits = described.splits
    names = list(dict.fromkeys(name for each in splits.values() for name in each.counts))
    return Table(
        name="counts",
        caption=Text("What there is", "数量"),
        heads=[plain(""), *map(said, splits)],
        rows=[
            [
                said(name),
                *(_number(each.counts[name]) if name in each.counts else plain("") for each in splits.values()),
            ]
            for name in names
        ],
    )


def _lengths(described: Description) -> Table:
    """How long examples are; what a limit does stands there where there is one."""
    all_lengths = [each for split in described.splits.values() for each in split.lengths]
    limited = any(each.limit for each in all_lengths)
    heads = ["of", "split", "unit", "min", "median", "95 %", "max", *(["limit", "over it", "these are"] * limited)]
    counted = any(each.unit == "pieces" for each in all_lengths)
    return Table(
        name="lengths",
        caption=Text(
            "Lengths and ratios" + "; pieces with the mark at the end, as the limits count them" * counted,
            "长度与比值" + "；词元数含结尾标记，与上限的算法一致" * counted,
        ),
        heads=[said(each) for each in heads],
        rows=list(_length_rows(described, limited=limited)),
        words=(0, 1, 2, 7, 9),
    )


def _length_rows(described: Description, *, limited: bool) -> Iterator[list[Text]]:
    of = dict.fromkeys(each.of for split in described.splits.values() for each in split.lengths)
    for name in of:
        for split, numbers in described.splits.items():
            for each in numbers.lengths:
                if each.of == name:
                    yield [said(name), said(split), said(each.unit), *_length_cells(each, limited=limited)]


def _length_cells(each: Lengths, *, limited: bool) -> list[Text]:
    values = [_number(value) for value in (each.smallest, each.median, each.long, each.largest)]
    if each.limit is None:
        return [*values, *[plain("")] * (3 * limited)]
    key, most, over, fate = each.limit
    return [*values, plain(f"{key}={most}"), _number(over), said(fate) if over else plain("")]


def _shares(described: Description, kind: str) -> Table:
    """How many of each, and which share of its split that is."""
    caption, head = KINDS[kind]
    splits = {split: each.shares[kind] for split, each in described.splits.items() if kind in each.shares}
    names = dict.fromkeys(name for each in splits.values() for name in each)
    return Table(
        name=kind,
        caption=caption,
        heads=[said(head), *(cell for split in splits for cell in (said(split), plain("%")))],
        rows=[
            [
                plain(name),
                *(
                    cell
                    for each in splits.values()
                    for cell in (_number(each.get(name, 0)), _per_cent(each.get(name, 0), sum(each.values())))
                ),
            ]
            for name in names
        ],
    )


def _sizes(described: Description) -> Table:
    splits = {split: each.sizes for split, each in described.splits.items() if each.sizes}
    sizes = next((list(size) for each in splits.values() for size in each.values()), [])
    names = dict.fromkeys(name for each in splits.values() for name in each)
    return Table(
        name="sizes",
        caption=Text(
            "Boxes by size: small below 32 x 32 pixels of the original, large from 96 x 96 on",
            "按大小分的框：小指小于原图的 32 x 32 像素，大指不小于 96 x 96",
        ),
        heads=[
            said("class"),
            *(Text(f"{split} {size}", said(split).chinese + said(size).chinese) for split in splits for size in sizes),
        ],
        rows=[
            [plain(name), *(_number(each[name][size]) for each in splits.values() for size in sizes)] for name in names
        ],
    )


def _vocabulary(described: Description) -> Table:
    """What of each split the vocabulary, which is training's, doesn't know."""
    ids = [
        [said(name), plain(""), _number(number), plain(""), plain("")]
        for name, number in described.vocabularies.items()
    ]
    shares = [
        [said(of), said(split), plain(""), *_unknown(each)]
        for split, numbers in described.splits.items()
        for of, each in numbers.pieces.items()
    ]
    return Table(
        name="vocabulary",
        caption=Text(
            "Vocabulary, and what it doesn't know: unknown pieces, and bytes that are no whole character",
            "词表，以及其中没有的：未知词元，和不成完整字符的字节",
        ),
        heads=[said(each) for each in ("vocabulary", "split", "ids", "unknown %", "bytes %")],
        rows=[*ids, *sorted(shares, key=lambda row: row[0])],
        words=(0, 1),
    )


def _unknown(each: Pieces) -> list[Text]:
    return [_per_cent(count, each.total) for count in (each.unknown, each.bytes)]


def _doubles(described: Description) -> Table:
    """Examples that are there twice, wherever there are some."""
    return Table(
        name="doubles",
        caption=Text("Examples that are there twice, as they are", "完全相同的样本"),
        heads=[said("split"), said("also in"), said("examples")],
        rows=[
            [said(split), said("again in itself" if split == other else other), _number(count)]
            for split, other, count in described.doubles or ()
            if count
        ],
        words=(0, 1),
    )


def no_doubles(described: Description) -> Text | None:
    """What to say where the table of doubles is empty; None where it isn't."""
    if described.doubles is None:
        return Text("Examples that are there twice weren't looked for", "没有查找相同的样本")
    if any(each.examples for each in described.doubles):
        return None
    return Text("No example is there twice", "没有相同的样本")


def _number(value: float) -> Text:
    return plain(f"{value:,.0f}" if value == int(value) else f"{value:,.2f}")


def _per_cent(count: int, total: int) -> Text:
    """A share with two decimals, so that a few in a thousand aren't none."""
    if not total or not count:
        return plain("0" if total else "")
    share = 100 * count / total
    return plain(f"{share:.2f}" if share >= 0.005 else "<0.01")


def cells(table: Table, *, chinese: bool) -> list[Sequence[str]]:
    """Heads and rows as texts of one language."""
    rows = [table.heads, *table.rows]
    return [[each.chinese if chinese else each.english for each in row] for row in rows]
