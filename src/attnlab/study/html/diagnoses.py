"""What was measured of runs' attention, on a page: how even it is, how alike its heads, how faithful its maps."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from statistics import fmean
from typing import Any

from attnlab.metrics.records.contract import DELETION, DIAGNOSTICS, run_of
from attnlab.reading.bounds import read_json
from attnlab.reporting.numbers import NOTHING
from attnlab.reporting.pages.report.contents import Table, Tables, Text, plain
from attnlab.reporting.terminal.text import score_text
from attnlab.study.html.subject import Run, Subject, SubjectArm, in_both

ABOUT = Text(
    "What `attnlab evaluate RUN --diagnose` measured of these runs: means over those that have it. Exploratory; "
    "`attnlab compare --metric deletion` judges deletion.",
    "`attnlab evaluate RUN --diagnose` 对这些运行的测量：取有此项的各次运行的均值。属探索性；"
    "`attnlab compare --metric deletion` 可据删除法作判断。",
)
HEADS = (
    Text("arm", "组"),
    Text("attention", "注意力"),
    Text("runs", "运行数"),
    Text("entropy (1: even)", "熵（1 为均匀）"),
    Text("on the first key", "首个键所得"),
    Text("on the last key", "末个键所得"),
    Text("heads alike (1: the same)", "各头相似（1 为相同）"),
)
FAITHFUL = (
    Text("arm", "组"),
    Text("runs", "运行数"),
    Text("deletion", "删除法"),
    Text("why not", "未测原因"),
)
TRUE = (
    Text("arm", "组"),
    Text("truth", "真相"),
    Text("runs", "运行数"),
    Text("weight on it", "它所得的权重"),
    Text("by chance", "偶然水平"),
    Text("strongest on it", "最强处是它的比例"),
    Text("by chance", "偶然水平"),
)
TRUTHS = {
    "alignment": Text("the source word that is translated", "被译的原文词"),
    "place": Text("the patch that decides", "起决定作用的图块"),
}

Diagnosis = Mapping[str, Any]


def diagnoses(subject: Subject) -> Tables | None:
    """Of arms of which a run was diagnosed; nothing where none was."""
    found = {arm.name: diagnosed for arm in subject.arms if (diagnosed := list(_diagnosed(arm)))}
    if not found:
        return None
    spread = [row for name, each in found.items() for row in _of_places(name, each)]
    tables = [
        Table(
            name="deletion-table",
            caption=Text(
                "Faithfulness by deletion: 0 where maps rank inputs as another example's would, 1 as greedy deletion",
                "删除法衡量的忠实度：0 表示与其他样本的图无异，1 表示与贪心删除一样好",
            ),
            heads=FAITHFUL,
            rows=[_faithful(name, each) for name, each in found.items()],
            words=(0, 3),
        )
    ]
    if known := [row for name, each in found.items() for row in _true(name, each)]:
        caption = Text(
            "Agreement with what is known of made-up data: 1 where maps point to it alone",
            "与人造数据的已知真相相符的程度：1 表示图只指向它",
        )
        tables.append(Table(name="truth-table", caption=caption, heads=TRUE, rows=known, words=(0, 1)))
    if spread:
        caption = Text("How weights are spread, in the mean over heads", "权重的分布（各头均值）")
        tables.append(Table(name="spread-table", caption=caption, heads=HEADS, rows=spread, words=(0, 1)))
    return Tables([ABOUT], tables)


def _diagnosed(arm: SubjectArm) -> Iterator[Diagnosis]:
    """Of its runs as they are now; a page does without what is damaged or of another run."""
    for run in arm.runs:
        found = _read(run)
        if found.get("of") == run_of(run.record) and isinstance(found.get("attention"), list):
            yield found


def _read(run: Run) -> Diagnosis:
    try:
        found = read_json(run.folder / DIAGNOSTICS)
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _faithful(name: str, found: Sequence[Diagnosis]) -> list[Text]:
    scores = [each["scores"].get(DELETION) for each in found if isinstance(each.get("scores"), dict)]
    known = _numbers(scores)
    why = next((str(each["without"]) for each in found if each.get("without")), None)
    said = plain(NOTHING) if why is None else in_both(lambda words: words.reason(why))
    return [plain(name), plain(str(len(known))), _mean(known), said]


def _true(name: str, found: Sequence[Diagnosis]) -> Iterator[list[Text]]:
    """A row a truth that is known of the runs' data."""
    runs = [known for each in found if isinstance(known := each.get("known"), dict)]
    for truth in dict.fromkeys(str(each.get("name")) for each in runs):
        of = [each for each in runs if each.get("name") == truth]
        keys = ("share", "chance_share", "accuracy", "chance_accuracy")
        means = [_mean(_numbers(each.get(key) for each in of)) for key in keys]
        yield [plain(name), TRUTHS.get(truth, plain(truth)), plain(str(len(of))), *means]


def _of_places(name: str, found: Sequence[Diagnosis]) -> Iterator[list[Text]]:
    """A row a mechanism in its place, in the first run's order."""
    places: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for each in found:
        for place in each["attention"]:
            if isinstance(place, dict) and isinstance(place.get("heads"), list):
                places.setdefault((str(place.get("path")), str(place.get("role"))), []).append(place)
    for (path, role), runs in places.items():
        heads = [head for run in runs for head in run["heads"] if isinstance(head, dict)]
        columns = [_numbers(head.get(key) for head in heads) for key in ("relative_entropy", "first", "last")]
        alike = _numbers(run.get("redundancy") for run in runs)
        where = plain(f"{path} ({role})" if path else role)
        yield [plain(name), where, plain(str(len(runs))), *map(_mean, (*columns, alike))]


def _numbers(values: Any) -> list[float]:
    return [float(each) for each in values if isinstance(each, int | float) and isfinite(each)]


def _mean(values: Sequence[float]) -> Text:
    return plain(score_text(fmean(values)) if values else NOTHING)
