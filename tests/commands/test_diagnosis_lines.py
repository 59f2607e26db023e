"""What is printed of a diagnosis."""

from dataclasses import replace

import pytest
from in_english import in_english

from attnlab.commands.diagnosis_lines import diagnosis_lines
from attnlab.metrics.attention_maps import HeadStatistics, MapStatistics
from attnlab.metrics.records.contract import Records
from attnlab.metrics.records.kept import KeptStatistics
from attnlab.runs.diagnosis.deleting import Deletion
from attnlab.runs.diagnosis.diagnose import Diagnosis, Known, Place

HEADS = (HeadStatistics(1.25, 0.5, 0.125, 0.25), HeadStatistics(0.75, 0.25, 0.5, 0.0625))
DELETION = Deletion(
    score=0.4375, why=None, num_maps=7, num_flat=0, num_greedy=5, drop=1.5, donors_drop=0.5, greedy_drop=2.5,
    rows=KeptStatistics(),
)  # fmt: skip
FOUND = Diagnosis(
    num_examples=7,
    slots={"cross": "additive"},
    places=(Place("cross_attention", "cross", MapStatistics(HEADS, 31, 0.2, 0.875)),),
    deletion=DELETION,
    without=None,
    known=Known("alignment", 0.75, 0.875, 0.125, 0.25),
    records=Records(),
)


def test_a_row_a_head_and_a_line_a_score() -> None:
    lines = list(diagnosis_lines(FOUND))
    assert lines[2].split() == ["cross_attention", "cross", "1", "1.25", "0.5", "0.125", "0.25", "0.2", "0.875"]
    assert lines[3].split() == ["2", "0.75", "0.25", "0.5", "0.0625", "0.2"]
    assert lines[6] == "deletion: 0.4375 (0: as another example's map, 1: as greedy deletion)"
    assert lines[7] == ("  log-probability lost, in nats: own map 1.5, others' maps 0.5, greedy 2.5 (of 5 examples)")
    assert lines[8] == "alignment: 0.75 of the weight lies on the source word that is translated (chance 0.125)"
    assert lines[9] == "  0.875: target words whose strongest source word is the true one (chance 0.25)"


def test_what_is_missing_is_said() -> None:
    even = replace(DELETION, score=0.0, why="no ranking: every map is even", num_flat=7)
    lines = list(diagnosis_lines(replace(FOUND, deletion=even, known=None)))
    assert lines[6] == "deletion: 0 (no ranking: every map is even)"
    assert lines[-1] == "  7 of 7 maps are even, and rank nothing"
    unknown = replace(DELETION, score=None, why="there is no other example whose map could be compared")
    assert "deletion: no score: there is no other example" in "\n".join(
        diagnosis_lines(replace(FOUND, deletion=unknown))
    )
    none = list(diagnosis_lines(replace(FOUND, deletion=None, without="it has no map", known=None)))
    assert none[-1] == "deletion: not measured: it has no map"


@pytest.mark.usefixtures("in_chinese")
def test_in_chinese_the_same_is_said() -> None:
    lines = list(diagnosis_lines(replace(FOUND, deletion=replace(DELETION, num_flat=3))))
    assert lines[6] == "删除法：0.4375（0 与其他样本的图无异，1 与贪心删除一样好）"
    assert lines[9] == "alignment：0.75 的权重在被译的原文词上（偶然水平为 0.125）"
    reasons = [
        replace(FOUND, deletion=replace(DELETION, score=score, why=why))
        for score, why in (
            (0.0, "no ranking: every map is even"),
            (None, "no example has two inputs that can be deleted"),
        )
    ]
    none = replace(FOUND, deletion=None, without="its attention has no one map over the parts of its input")
    assert in_english(line for each in (FOUND, *reasons, none) for line in diagnosis_lines(each)) == []
