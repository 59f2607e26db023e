"""Pages of studies of each kind of task, and of the smallest, the largest and the least fortunate."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

from made_answers import ANSWERS, PICTURES, WORDS, Answer
from made_maps import box_maps, gate_maps, place_maps, word_maps
from made_subjects import made_subject, write_answers, write_grid

from attnlab.reporting.charts import library, made
from attnlab.reporting.charts.marks import Curve, Point
from attnlab.reporting.pages.report.contents import Maps, Table, Text, Tuning, plain
from attnlab.study.html import pictures
from attnlab.study.html.page import page_of
from attnlab.study.html.pictures import Picture

THREE = {"additive": 0.9, "uniform": 0.3, "none": 0.4}
SEVEN = {
    "control": 0.5,
    "an_arm_whose_name_goes_on_and_on_as_names_of_swept_overrides_do_model.num_layers=7": 0.93,
    "<script>alert('arm')</script>": 0.51,
    "\"quoted\" & 'quoted'": 0.2,
    "注意力-双线性": 0.5,
    "קשב": 0.48,
    "wider": 0.55,
}


def _page(
    folder: Path,
    rights: Mapping[str, float],
    answer: Answer | None,
    *,
    charts: bool = False,
    failed: Mapping[str, int] | None = None,
    seeds: int = 5,
    maps: object = None,
) -> str:
    """With charts of Vega-Lite if `charts`, else drawn."""
    subject = made_subject(folder, rights, failed=failed or {}, seeds=seeds)
    if answer is not None:
        write_answers(subject, answer)
    found = {number: Picture(address, size) for number, (address, size) in enumerate(PICTURES)}
    shown = {number: found[number % len(found)] for number in range(len(WORDS))}
    with (
        patch.object(pictures, "pictures_of", lambda _, numbers: {number: shown[number] for number in numbers}),
        patch.object(library, "installed", lambda: charts),
    ):
        linked = None if maps is None else Maps(Text("Of seed 0.", "种子 0。"), maps)
        return page_of(subject, maps=linked, tuning=_tuned(list(rights)) if charts else None)


def _tuned(names: Sequence[str]) -> Tuning:
    """Arms whose expected best rises, but for the last, of which no trial has a score."""
    curves = [
        Curve(name, [Point(trials, *[0.5 + trials / (20 + place)] * 3) for trials in range(1, 5)])
        for place, name in enumerate(names[:-1])
    ]
    heads = [Text("arm", "组"), Text("values", "取值")]
    rows = [[plain(name), plain("optimizer.lr=0.0123, model.dropout=0.1")] for name in names]
    table = Table(
        name="tuning-table", caption=Text("What was chosen", "选中的取值"), heads=heads, rows=rows, words=(0, 1)
    )
    about = [Text("Every arm had the same 4 draws.", "各组用同样的 4 次采样。")]
    return Tuning(about, made.expected_best([*curves, Curve(names[-1], [])], metric="val/accuracy"), table)


def _generated(folder: Path) -> str:
    subject = made_subject(folder, THREE, failed={}, seeds=3)
    write_grid(subject)
    with patch.object(library, "installed", lambda: False):
        return page_of(subject)


STUDY_PAGES: dict[str, Callable[[Path], str]] = {
    "study_of_writing": lambda folder: _page(
        folder, THREE, ANSWERS["writing"], charts=True, maps=word_maps(THREE, written=True)
    ),
    "study_of_classes": lambda folder: _page(folder, THREE, ANSWERS["classes"], failed={"none": 1}),
    "study_of_tags": lambda folder: _page(folder, THREE, ANSWERS["tags"], maps=word_maps(THREE, written=False)),
    "study_of_pictures": lambda folder: _page(folder, THREE, ANSWERS["pictures"], maps=place_maps(THREE)),
    "study_of_boxes": lambda folder: _page(folder, THREE, ANSWERS["boxes"], maps=box_maps(THREE)),
    "study_of_gates": lambda folder: _page(folder, THREE, ANSWERS["boxes"], maps=gate_maps(THREE)),
    "study_of_generators": _generated,
    "study_of_one_arm": lambda folder: _page(folder, {"alone": 0.7}, None, seeds=1),
    "study_of_seven_arms": lambda folder: _page(
        folder, SEVEN, ANSWERS["classes"], charts=True, maps=word_maps(SEVEN, written=False, begun=True)
    ),
    "study_of_failures": lambda folder: _page(folder, THREE, ANSWERS["tags"], failed={"uniform": 5, "none": 4}),
}
