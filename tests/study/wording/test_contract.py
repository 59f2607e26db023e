"""Both languages say the same of the same."""

import re
from collections.abc import Callable

import pytest

from attnlab.language import Words
from attnlab.study.arms import MISSING, Difference
from attnlab.study.matching import Matched
from attnlab.study.one_example import OneExample, WithoutIt
from attnlab.study.run_warnings import Message, Warned
from attnlab.study.sizes import Apart
from attnlab.study.still_improving import Gain, StillImproving
from attnlab.study.wording import chinese, english
from attnlab.study.wording.contract import Question, Wording

NUMBER = re.compile(r"[+-]?\d(?:[\d,.]*\d)?")
MATCHED = Matched(key="model.dim", value=9, cost=103, target=100)
SAID: list[Callable[[Wording], str]] = [
    lambda words: words.correlation(0.123, paired=True),
    lambda words: words.correlation(-0.5, paired=False),
    lambda words: words.num_runs(4, 1),
    lambda words: words.interval("+0.10", "+0.23"),
    lambda words: words.judged(0.04, control="uniform", margin=0.0125, family=3),
    lambda words: words.judged(0.05, control="uniform", margin=None, family=1),
    lambda words: words.tuned(0),
    lambda words: words.tuned(12),
    lambda words: words.reference("lead", "rouge_l", 0.30842),
    lambda words: words.reference("commonest_label", "f1", 0.8561),
    lambda words: words.told("dot", Words("the dot of 2", "2 的点积"), control=True),
    lambda words: words.pairs("uniform", num=3, best=None, folder="outputs/studies/small/0a1"),
    lambda words: words.pairs("uniform", num=1, best=6, folder=None),
    lambda words: words.one_example(OneExample("72", None, 150, (WithoutIt("dot", 43.12, 37.2),))),
    lambda words: words.one_example(OneExample("Ruth 1", "chapter", 50, (WithoutIt("dot", -0.1, 0.025),) * 2)),
    lambda words: words.clusters("chapter"),
    lambda words: words.clusters("bundle"),
    lambda words: words.earlier(3),
    lambda words: words.without_bias("fid_x", [("uniform", "5.21"), ("dot", "5.30")]),
    lambda words: words.warned(
        Warned("no_best", (Message("nothing was validated", ("dot", "uniform"), 3),), ("dot", "uniform"), 3, 6)
    ),
    lambda words: words.still_improving(StillImproving("val/chrf", 2, 3, Gain("dot", 1.5, 2.25, (400, 800)))),
    lambda words: words.sizes([Apart("dot", 0.074, None), Apart("none", -0.05, 0.5)], control="uniform"),
    lambda words: words.confounded("none", control="uniform", keys=["model.a", "model.b"], more=0),
    lambda words: words.matched("dot", MATCHED, flops=True),
    lambda words: words.matched("dot", MATCHED, flops=False),
    lambda words: words.unmatched("none", "no such key"),
    lambda words: words.failed("dot", seed=4, status="diverged", error="the loss is nan"),
    lambda words: words.failed("dot", seed=4, status="broke", error="it says why"),
    lambda words: words.looks([(5, 0.01), (10, 0.04)], last=5),
    lambda words: words.earlier_look("dot", seeds=5, finding="the same"),
    lambda words: words.asked_otherwise("margin", 0.01),
    lambda words: words.ledger([("dot", 1234, 7000), ("none", 56, None)]),
    lambda words: words.asked(3, Question("chrf", True, 1.25), control="uniform", seeds=[0, 1, 7]),
    lambda words: words.differences_from("uniform"),
    lambda words: words.counted_on("a 28 x 28 image"),
    lambda words: words.left_out("identity", "no slot"),
    lambda words: words.arm_name("dot", confounded=True, added=True),
    lambda words: words.ablated(seeds=[0], single=True, learning_nothing=[]),
    lambda words: words.ablated(seeds=[0, 1], single=False, learning_nothing=["a", "b"]),
    lambda words: words.each_ablation(),
    lambda words: words.tuning(12, monitor="val/chrf", higher_is_better=True, seed=1000),
    lambda words: words.tuning_cost(60, 48_000, 1234.5),
    lambda words: words.lacking("none", ["model.a"]),
    lambda words: words.expected_best(),
    lambda words: words.verify("small"),
    lambda words: words.forest(),
    lambda words: words.exploratory(),
    lambda words: words.files(),
]


@pytest.mark.parametrize("said", SAID)
def test_the_same_numbers_and_names(said: Callable[[Wording], str]) -> None:
    one, other = said(english), said(chinese)
    assert NUMBER.findall(one) == NUMBER.findall(other)
    for name in ("uniform", "dot", "none", "identity", "model.", "chrf", "results.csv"):
        assert (name in one.replace("chrF", "chrf")) == (name in other.replace("chrF", "chrf")) or name == "none"
    assert re.search(r"[\u4e00-\u9fff]", other) or other == one


def test_every_table_has_as_many_columns() -> None:
    for one, other in zip(english.HEADS, chinese.HEADS, strict=True):
        assert len(one) == len(other) or isinstance(one, str)
    assert len(english.TITLES) == len(chinese.TITLES)
    assert (english.heads("f1", margin=1.5).score, chinese.heads("f1", margin=1.5).score) == ("F1", "F1")


def test_the_values_of_a_difference_are_those_of_the_control_and_the_arm() -> None:
    for words, missing in ((english, "nothing"), (chinese, "无")):
        assert list(words.values(Difference("model.dim", 8, 9, "confounded"))) == ["8", "9"]
        assert list(words.values(Difference("model.dim", MISSING, True, "confounded"))) == [missing, "true"]
