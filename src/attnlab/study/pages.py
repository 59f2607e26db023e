"""Everything that a study leaves in its folder, written anew each time from its runs' own records."""

from pathlib import Path

from attnlab.files import write_lines, write_text
from attnlab.reporting.glossary import score_in_english
from attnlab.study.html.of_study import study_page
from attnlab.study.latex import latex_lines
from attnlab.study.report import report_lines
from attnlab.study.result_files import write_ablations, write_costs, write_receipts, write_results
from attnlab.study.running import Results
from attnlab.study.statistics.sentences import numbers
from attnlab.study.tuning.tuning_files import write_tuning
from attnlab.study.verdict_table import rows
from attnlab.study.wording import chinese, english
from attnlab.tasks.task import Better


def write_pages(results: Results) -> Path:
    """Write them, the report in both languages; the path of the page that has both."""
    folder = results.plan.folder
    write_results(results, folder / "results.csv")
    write_ablations(results, folder / "ablations.csv")
    write_costs(results, folder / "costs.csv")
    write_receipts(results, folder / "receipts.json")
    _draw(results, folder)
    if results.plan.tuning is not None:
        write_tuning(results.plan)
    write_lines(folder / "table.tex", latex_lines(results))
    write_lines(folder / "report.zh.md", report_lines(results, chinese))
    write_lines(folder / "report.md", report_lines(results, english))
    return write_text(folder / "report.html", study_page(results))


UNEVEN_BELOW = "\nuneven: the runs of one vary over 3 times as much as the other's"


def _draw(results: Results, folder: Path) -> None:
    from attnlab.reporting.figures.canvas import FORMATS, save
    from attnlab.reporting.figures.forest_plot import Interval, forest_plot

    judgement, intervals = results.judgement, []
    notes = {row.name: row.verdict for row in rows(judgement)}
    confounded = {each.name for each in results.plan.arms if each.confounders}
    for verdict in judgement.ranked:
        name = verdict.comparison.arm.name
        label = f"{name} (confounded)" if name in confounded else name
        decided = verdict.finding in ("better", "worse", "the same")
        row = Interval(label, notes[name], decided)
        if (effect := verdict.measured.effect) is not None:
            row = row._replace(difference=effect.difference, low=effect.low, high=effect.high)
        intervals.append(row)
    figure = forest_plot(
        intervals,
        title=results.plan.study.name,
        x_label=f"{score_in_english(judgement.metric)} less {judgement.control}'s, with 95 % intervals\n"
        f"{_said_below(judgement.margin, better=results.plan.judged.better)}"
        f"{UNEVEN_BELOW if any('uneven' in each.marks for each in judgement.verdicts) else ''}",
        margin=judgement.margin,
    )
    for kind in FORMATS:
        save(figure, folder / f"forest.{kind}")


def _said_below(margin: float | None, *, better: Better) -> str:
    """Which way is better, and what the band is."""
    direction = "greater is better" if better == "max" else "lower is better"
    if margin is None:
        return direction
    return f"{direction}; grey: less than {numbers.three_digits(margin)}, too little to matter"
