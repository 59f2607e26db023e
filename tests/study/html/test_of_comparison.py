"""The page of runs that were compared without a study."""

from pathlib import Path

import pytest
from tiny_compared import write_record, write_run, write_runs
from tiny_pages import check_page

from attnlab.reporting.charts import library
from attnlab.reporting.pages.linked_maps import RunMaps
from attnlab.runs import kept_maps
from attnlab.study.comparing.comparison import compared
from attnlab.study.html.of_comparison import comparison_page, subject_of


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "script", lambda: "const vegaEmbed = 0;")


def test_groups_are_arms_and_nobody_planned_it(tmp_path: Path) -> None:
    write_runs(tmp_path, "uniform", seeds=range(5), right=0.1)
    write_runs(tmp_path, "dot", seeds=range(5), right=0.95, model__dim=16)
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / "config.json").write_text("{}")
    found = compared([[tmp_path]])
    page = check_page(comparison_page(found))
    assert "Better than uniform in accuracy:" in page.of_language["en"]
    notes = [each.english for each in subject_of(found).notes]
    assert notes[0].startswith("Exploratory")
    assert notes[1] == "dot is confounded: it differs from uniform in more than its attention (model.dim)."
    assert notes[2].startswith("5 runs of an arm")
    assert "begun is left out: config.json" in notes[3]
    assert not [each for each in page.all_of("button") if "copy" in each.get("class", "")]


def test_code_of_ones_own_is_trusted_for_what_its_models_attend_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = []

    def maps_of(folder: Path, *, trust: tuple[str, ...]) -> RunMaps:
        trusted.append(trust)
        return {"examples": [], "why": "none"}

    monkeypatch.setattr(kept_maps, "maps_of", maps_of)
    write_runs(tmp_path, "uniform", seeds=range(1))
    comparison_page(compared([[tmp_path]]), trust=("mine",))
    assert trusted == [("mine",)]


def test_a_group_alone_and_a_group_of_failures_have_pages_too(tmp_path: Path) -> None:
    alone = write_runs(tmp_path / "u", "uniform", seeds=range(5), right=0.1)
    found = compared([alone])
    page = check_page(comparison_page(found))
    [scores] = found.judgement.scores.values()
    [score] = [row[1] for row in page.rows if row[0] == found.control.name and row[-1] == "5"]
    assert float(score) == pytest.approx(sum(scores) / 5, abs=1e-4)
    assert "Differences" not in [text for _, text in page.headings]
    failed = [write_run(tmp_path / f"d{seed}", "dot", seed=seed, right=None) for seed in range(4)]
    ended = {f"{number} finished": run for number, run in enumerate(alone)}
    ended |= {f"{number} diverged": run for number, run in enumerate(failed, 5)}
    page = check_page(comparison_page(compared([[write_record(tmp_path / "sweep", ended)]])))
    assert "4 of 4 runs of dot failed" in page.text
