"""Runs tested again without what their attention has learned, in cells."""

from attnlab.study.ablation_table import about, table
from attnlab.study.ablations import Ablation, ArmAblation
from attnlab.study.wording import chinese, english

WHY = "only attention that has weights can be made even, got ResNet, which has none here (drop --ablate)"
NONE = ArmAblation((Ablation(0, None, None, WHY),))


def test_one_run_of_an_arm_is_called_no_mean_and_has_no_deviation() -> None:
    found = {"se": ArmAblation((Ablation(0, 0.2137, 0.2072),)), "uniform": ArmAblation((Ablation(0, 0.5, 0.5),))}
    assert "no means" in about(found, english)
    assert table(found, "ap", english) == [
        ["arm", "AP", "ablated", "difference", "runs"],
        ["se", "0.2137", "0.2072", "-0.0065", "1"],
        ["uniform", "0.5000", "0.5000", "0.0000", "1"],
    ]


def test_of_several_runs_there_are_means() -> None:
    runs = ArmAblation((Ablation(0, 0.5, 0.25), Ablation(1, 0.5, 0.5)))
    assert "means over them" in about({"se": runs}, english)
    assert table({"se": runs}, "ap", english)[1] == ["se", "0.5000", "0.3750", "-0.1250", "0.1768", "2"]


def test_seeds_are_named_and_arms_that_learn_nothing_are_left_out_with_why() -> None:
    found = {"se": ArmAblation((Ablation(4, 0.5, 0.25), Ablation(2, 0.5, 0.5), Ablation(3, None, None, "it broke")))}
    for words, seeds, why in (
        (english, "seeds 2, 4,", "Left out: a, b, for"),
        (chinese, "种子 2、4", "略去 a、b"),
    ):
        said = about(found, words, learning_nothing=["a", "b"])
        assert seeds in said
        assert why in said
        assert why not in about(found, words)


def test_why_a_run_was_not_tested_names_no_class_and_no_flag() -> None:
    for words, said in ((english, "its model has no weights of attention to make even"), (chinese, "没有可改为均匀的")):
        [row] = table({"none": NONE}, "ap", words)[1:]
        assert said in row[-1]
        assert "ResNet" not in row[-1]
        assert "--" not in row[-1]
