"""What arms are, in the words of the configuration's own files."""

from typing import Any

from attnlab.study.arm_words import arm_words, what_they_are
from attnlab.study.wording import chinese, english


def config(core: str | None, model: str = "attnlab.models.AttentionSeq2Seq") -> dict[str, Any]:
    attention = (
        None if core is None else {"_target_": "attnlab.attention.MultiHeadAttention", "core": {"_target_": core}}
    )
    return {"model": {"_target_": model, "attention": attention}}


ARMS = {
    "uniform": config("attnlab.attention.UniformAttention"),
    "additive": config("attnlab.attention.AdditiveAttention"),
    "mine": config("my_package.MyAttention"),
}


def test_each_arm_is_told_by_its_own_file_and_a_users_own_by_none() -> None:
    found = arm_words(ARMS)
    assert list(found) == ["uniform", "additive"]
    assert found["additive"].en.startswith("A network with one hidden layer")
    assert found["additive"].zh.endswith("。")


def test_only_what_differs_is_told() -> None:
    assert arm_words({"a": config("attnlab.attention.UniformAttention")}) == {}
    twice = {name: config("attnlab.attention.UniformAttention", model) for name, model in (("a", "x.A"), ("b", "x.B"))}
    assert arm_words(twice) == {}


def test_a_model_without_attention_is_told_by_its_models_file() -> None:
    found = arm_words({"uniform": ARMS["uniform"], "none": config(None, "attnlab.models.Seq2Seq")})
    assert "without attention" in found["none"].en
    assert found["uniform"].en.startswith("Every key counts the same")


def test_the_score_stands_first_and_the_control_is_called_so() -> None:
    lines = what_they_are(ARMS, english, metric="chrf", control="uniform")
    assert [line.partition(":")[0] for line in lines] == ["chrF (chrf)", "uniform, the control", "additive"]
    assert len(what_they_are(ARMS, chinese, metric="chrf", control="uniform")) == len(lines)
    assert len(what_they_are(ARMS, english, metric="of_my_own", control="uniform")) == len(lines) - 1
