"""What a diagnosis of attention says, as a person reads it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from attnlab.language import either
from attnlab.reporting.picture_names import panel_name
from attnlab.reporting.reasons import in_chinese
from attnlab.reporting.terminal.text import display_width, pad, score_text

if TYPE_CHECKING:
    from attnlab.runs.diagnosis.deleting import Deletion
    from attnlab.runs.diagnosis.diagnose import Diagnosis, Known, Place

HEADS = (
    ("attention", "注意力"),
    ("role", "角色"),
    ("head", "头"),
    ("entropy", "熵"),
    ("relative", "相对熵"),
    ("first key", "首个键"),
    ("last key", "末个键"),
    ("even", "均匀时"),
    ("heads alike", "各头相似"),
)
SHARES = {
    "alignment": ("on the source word that is translated", "被译的原文词上"),
    "place": ("on the patch that decides", "起决定作用的图块上"),
}
HITS = {
    "alignment": ("target words whose strongest source word is the true one", "的译文词最看重的原文词正是被译的词"),
    "place": ("images whose strongest place is the patch", "的图像最看重的位置就是该图块"),
}
ROLES = {"self": "自注意力", "causal": "因果", "cross": "交叉注意力"}


def diagnosis_lines(found: "Diagnosis") -> Iterator[str]:
    """A table by head, then what maps show of what the model uses, and of what is known."""
    yield ""
    yield from columns([[either(*each) for each in HEADS], *(row for place in found.places for row in _rows(place))])
    yield either(
        "entropy in nats, relative to log of the keys allowed; shares of the first and the last; an even share",
        "熵以 nat 计，相对熵是它与可看的键数的对数之比；首个键与末个键所得的份额；均匀时的份额",
    )
    yield ""
    yield from _deletion(found)
    if found.known is not None:
        yield from _known(found.known)


def _rows(place: "Place") -> Iterator[Sequence[str]]:
    statistics = place.statistics
    for number, head in enumerate(statistics.heads, 1):
        numbers = (head.entropy, head.relative_entropy, head.first, head.last, statistics.even)
        alike = "" if statistics.redundancy is None or number > 1 else score_text(statistics.redundancy)
        name = (_path(place), either(place.role, ROLES.get(place.role, place.role))) if number == 1 else ("", "")
        yield (*name, str(number), *map(score_text, numbers), alike)


def _path(place: "Place") -> str:
    return either(place.path or "itself", panel_name(place.path) if place.path else "自身")


def _deletion(found: "Diagnosis") -> Iterator[str]:
    deletion = found.deletion
    if deletion is None:
        why = found.without or ""
        yield either(f"deletion: not measured: {why}", f"删除法：未测：{in_chinese(why)}")
        return
    why = deletion.why or ""
    if deletion.score is None:
        yield either(f"deletion: no score: {why}", f"删除法：没有分数：{in_chinese(why)}")
    else:
        score = score_text(deletion.score)
        beside = "0: as another example's map, 1: as greedy deletion", "0 与其他样本的图无异，1 与贪心删除一样好"
        if why:
            beside = why, in_chinese(why)
        yield either(f"deletion: {score} ({beside[0]})", f"删除法：{score}（{beside[1]}）")
    yield from _drops(deletion)


def _drops(deletion: "Deletion") -> Iterator[str]:
    pairs = (
        (either("own map", "自己的图"), deletion.drop),
        (either("others' maps", "其他样本的图"), deletion.donors_drop),
        (either("greedy", "贪心"), deletion.greedy_drop),
    )
    said = either(", ", "，").join(f"{name} {score_text(drop)}" for name, drop in pairs if drop is not None)
    if said:
        yield either(
            f"  log-probability lost, in nats: {said} (of {deletion.num_greedy} examples)",
            f"  对数概率的损失（nat）：{said}（{deletion.num_greedy} 个样本）",
        )
    if deletion.num_flat:
        flat, maps = deletion.num_flat, deletion.num_maps
        yield either(
            f"  {flat} of {maps} maps are even, and rank nothing", f"  {maps} 张图中有 {flat} 张是均匀的，不分先后"
        )


def _known(known: "Known") -> Iterator[str]:
    share, hits, named = SHARES[known.name], HITS[known.name], score_text(known.share)
    chance, accuracy, guessed = map(score_text, (known.chance_share, known.accuracy, known.chance_accuracy))
    yield either(
        f"{known.name}: {named} of the weight lies {share[0]} (chance {chance})",
        f"{known.name}：{named} 的权重在{share[1]}（偶然水平为 {chance}）",
    )
    yield either(f"  {accuracy}: {hits[0]} (chance {guessed})", f"  {accuracy} {hits[1]}（偶然水平为 {guessed}）")


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The cells of rows below each other."""
    widths = [max(display_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
