"""One run's page: its numbers, curves, answers and maps, and one line for what is no run."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from in_english import in_english
from PIL import Image
from tiny_maps import TEXTS, answered_run, stored_run
from tiny_pages import check_page

from attnlab.errors import UserError
from attnlab.study.html.of_run import page_of_run

RECORD: dict[str, Any] = {
    "task": "translation",
    "name": "try <b>",
    "seed": 3,
    "results": 9,
    "test": {"chrf": 23.4567, "loss": 2.5},
    "test_examples": {"scored": 3, "of": 3},
    "signatures": {"chrf": "nrefs:1|case:mixed"},
    "best": {"monitor": "val/chrf", "score": 22.0, "step": 8},
    "parameters": {"total": 12345},
    "attention_slots": {"cross": "additive"},
    "warnings": [{"kind": "partial", "message": "only 3 of 9 examples"}],
    "command": "attnlab train task=translation",
}
CURVE = "step,metric,value\n4,train/loss,3.5\n4,val/chrf,11.0\n8,train/loss,2.25\n8,val/chrf,22.0\n"


def _finished(folder: Path, **changed: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metrics.json").write_text(json.dumps(RECORD | changed))
    (folder / "metrics.csv").write_text(CURVE)
    return folder


def test_a_log_too_short_for_a_curve_is_said_in_both_languages(tmp_path: Path) -> None:
    run = _finished(tmp_path / "run")
    for log, said in (
        (
            "\n".join(CURVE.splitlines()[:3]) + "\n",
            ("The run was too short for curves: ", "这次运行太短"),
        ),
        (CURVE.splitlines()[0] + "\n", ("Nothing was logged in training.", "训练中没有记录。")),
    ):
        (run / "metrics.csv").write_text(log)
        page = page_of_run(run)
        assert 'href="#curves"' in page
        assert all(each in page for each in said)
    (run / "metrics.csv").write_text(CURVE)
    assert "too short for curves" not in page_of_run(run)


def test_all_that_the_run_has_is_on_its_page(tmp_path: Path) -> None:
    page = page_of_run(_finished(answered_run(tmp_path / "run", "translation")))
    for text in ("23.46", "nrefs:1|case:mixed", "only 3 of 9 examples", "12,345", "cross: additive"):
        assert text in page
    assert "try &lt;b&gt;, seed 3" in page
    assert "attnlab train task=translation" in page
    assert "Task: translation; " in page
    assert "val/chrf 22, at update 8" in page
    for name in ("moved-chrf", "moved-loss"):
        assert f'id="{name}"' in page
    assert "2.25" in page
    assert page.count('<article class="sample"') == 3
    assert "four five cat two" in page
    found = re.search(r'<script type="application/json" id="linked-maps-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    assert json.loads(found[1])["names"] == ["try <b>"]
    ids = re.findall(r'\bid="([^"]+)"', page.split("<script", maxsplit=1)[0])
    assert sorted(ids) == sorted(set(ids))


def test_a_run_without_weights_or_answers_has_a_page_that_says_why_there_are_no_maps(tmp_path: Path) -> None:
    page = page_of_run(_finished(tmp_path / "run", warnings=[], signatures={}, test={"loss": None}))
    assert "no checkpoint in this folder" in page
    assert "linked-maps-data" not in page
    assert 'id="samples"' not in page


def test_the_page_of_a_run_whose_answers_are_cut_says_that_there_are_no_samples(tmp_path: Path) -> None:
    folder = _finished(answered_run(tmp_path / "run", "translation"))
    path = folder / "predictions.jsonl"
    path.write_text(path.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    assert f"no samples: line {len(path.read_text().splitlines())} of {path} is damaged" in page_of_run(folder)


def test_the_page_says_which_checkpoint_was_tested(tmp_path: Path) -> None:
    assert "The best checkpoint&#39;s, on 3 / 3" in page_of_run(_finished(tmp_path / "validated"))
    never = {"monitor": "val/chrf", "score": None, "step": 0}
    page = page_of_run(_finished(tmp_path / "not", best=never))
    assert "The last checkpoint&#39;s, on 3 / 3" in page
    assert "best checkpoint" not in page


def test_a_record_that_anyone_may_have_written_has_a_page(tmp_path: Path) -> None:
    odd: dict[str, Any] = {"warnings": 3, "signatures": [], "attention_slots": 5, "data": "x", "test_examples": None}
    folder = _finished(answered_run(tmp_path / "run", "translation"), **odd, parameters=[], versions="")
    (folder / "predictions.jsonl").write_text('{"id": 1, "input": "a", "output": 3, "target": 4, "details": {}}\n')
    page = page_of_run(folder)
    assert "23.46" in page
    assert "its maps can&#39;t be made" in page


def test_what_is_no_finished_run_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder, got"):
        page_of_run(tmp_path / "nosuch")
    with pytest.raises(UserError, match=r"got .*\(without metrics.json: give a run's\)"):
        page_of_run(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UserError, match="a run that isn't finished"):
        page_of_run(tmp_path)
    (tmp_path / "metrics.json").write_text("{}")
    with pytest.raises(UserError, match="damaged"):
        page_of_run(tmp_path)


def test_a_standard_error_is_no_score_of_its_own(tmp_path: Path) -> None:
    scores = {"kid_faces": 2.0, "kid_faces_error": 0.5}
    page = page_of_run(_finished(tmp_path / "run", test=scores)).replace("<wbr>", "")
    for named in ("kid_faces_error, its standard error", "faces 的 KID 的标准误（kid_faces_error）"):
        assert named in page


def test_what_a_generator_made_is_among_its_samples(tmp_path: Path) -> None:
    folder = _finished(tmp_path / "run", task="image_generation", test={"kid_faces": 2.0})
    assert 'id="samples"' not in page_of_run(folder)
    (folder / "samples").mkdir()
    Image.new("L", (60, 30)).save(folder / "samples/grid.png")
    page = page_of_run(folder)
    assert 'href="#samples"' in page
    for said in ("What the tested checkpoint makes", "所测检查点生成的图像"):
        assert said in page
    assert page.count('src="data:image/jpeg;base64,') == 1
    assert "Samples of the test" not in page


@pytest.mark.parametrize(
    "task, overrides",
    [
        ("translation", ["model=transformer"]),
        ("ner", []),
        ("image_generation", ["feature_attention=cbam", "feature_attention.reduction=2"]),
        ("image_generation", []),
    ],
)
def test_a_page_has_no_english_words_on_its_chinese_side_nor_have_the_layers_of_its_maps(
    task: str, overrides: list[str], tmp_path: Path
) -> None:
    make = answered_run if task in TEXTS else stored_run
    record = {"task": task, "name": "mine", "warnings": [], "signatures": {}}
    html = page_of_run(_finished(make(tmp_path / "run", task, *overrides), **record))
    assert not in_english(check_page(html).chinese)
    found = re.search(r'<script type="application/json" id="linked-maps-data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    examples = json.loads(found[1])["examples"]
    views = [view for each in examples for arm in each["arms"].values() for view in arm["views"]]
    names = [name for view in views for _, name in (layer["name"] for layer in view["layers"])]
    assert names
    assert not [name for name in names if re.search("[A-Za-z]{2}", name)]
