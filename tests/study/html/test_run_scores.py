"""One run's scores."""

from typing import Any

import pytest

from attnlab.study.html.run_scores import score_tables

KINDS = ("f1_", "precision_", "recall_")
CLASSES = ("bag", "ankle_boot")


def _tables(test: dict[str, Any]) -> list[list[list[str]]]:
    record = {"test": test, "best": {"score": 1.0}}
    return [[[cell.english for cell in row] for row in table.rows] for table in score_tables(record)]


def test_scores_of_classes_are_a_row_a_class_and_not_among_the_others() -> None:
    of_classes = {f"{kind}{name}": number / 8 for number, name in enumerate(CLASSES) for kind in KINDS}
    scores, by_class = _tables({"accuracy": 0.5, "f1_macro": 0.25} | of_classes)
    assert scores == [["accuracy", "0.5"], ["f1_macro", "0.25"]]
    assert by_class == [["bag", "0", "0", "0"], ["ankle_boot", "0.125", "0.125", "0.125"]]


def test_precisions_of_detected_classes_are_a_table_too() -> None:
    scores, by_class = _tables({"ap": 0.5, "ap50": 0.75, "ap_of_coat": None})
    assert scores == [["AP", "0.5"], ["AP50", "0.75"]]
    assert by_class == [["coat", "-"]]


@pytest.mark.parametrize("test", [{"bleu": 3.5}, {"f1_": 0.5}, {}])
def test_without_classes_there_is_one_table(test: dict[str, Any]) -> None:
    assert len(_tables(test)) == 1


def test_how_a_score_was_computed_is_said_of_all_of_its_kind_and_of_no_other() -> None:
    record = {
        "test": dict.fromkeys(["ap", "ap50", "ap_small", "apart", "rouge1", "rouge_l", "lead_rouge1"], 0.5),
        "signatures": {"ap": "coco", "rouge": "porter", "lead": "first"},
        "best": {"score": 1.0},
    }
    [table] = score_tables(record)
    computed = {row[0].english: row[2].english for row in table.rows}
    assert [name for name, how in computed.items() if how == "coco"] == ["AP", "AP50", "AP small"]
    assert [name for name, how in computed.items() if how == "porter"] == ["ROUGE-1", "ROUGE-L"]
    assert (computed["apart"], computed["lead_rouge1"]) == ("", "first")


def test_classes_have_their_own_names_where_the_record_has_them() -> None:
    scores = {f"{kind}{name}": 0.5 for name in ("t_shirt_top", "bag") for kind in KINDS}
    for classes, first in ((["Bag", "T-shirt/top"], "T-shirt/top"), (None, "t_shirt_top"), ([1, 2], "t_shirt_top")):
        _, table = score_tables({"test": scores, "data": {"classes": classes}})
        assert table.rows[0][0].english == first
