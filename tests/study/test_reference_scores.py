"""LEAD beside the summaries that are judged, and the commonest labels beside those of words."""

from pathlib import Path

from tiny_runs import arm_folders

from attnlab.study.judging import Judgement, judged_groups
from attnlab.study.reference_scores import ReferenceScore, reference
from attnlab.study.verdict_table import footnotes


def judged(folder: Path, *arms: dict[str, float]) -> Judgement:
    """Arms whose tests have such scores besides."""
    folders = {f"arm{n}": arm_folders(folder / str(n), right=0.5) for n in range(len(arms))}
    found = judged_groups(folders, control="arm0", metric="accuracy", higher_is_better=True)
    for scores, group in zip(arms, found.groups.values(), strict=True):
        for run in group.runs:
            run.metrics["test"].update(scores)
    return found


def test_it_is_the_score_of_the_same_name_which_every_run_has(tmp_path: Path) -> None:
    both = judged(tmp_path / "a", {"lead_accuracy": 0.25}, {"lead_accuracy": 0.25})
    assert reference(both) == ReferenceScore("lead", 0.25)
    assert any("LEAD" in line and "0.25" in line for line in footnotes(both))
    assert reference(judged(tmp_path / "b", {"lead_accuracy": 0.25}, {"lead_f1": 0.25})) is None
    labels = judged(tmp_path / "c", *[{"commonest_label_accuracy": 0.125}] * 2)
    assert reference(labels) == ReferenceScore("commonest_label", 0.125)
    assert any("commonest label" in line and "0.125" in line for line in footnotes(labels))
