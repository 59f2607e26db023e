"""ROUGE is what its definition says, in any script, takes the best reference, and says what it can't read."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score.tokenizers import DefaultTokenizer

from attnlab.metrics.rouge import MEASURES, SIGNATURE, UnicodeTokenizer, rouge, unreadable_warnings

WORDS = ["graph", "tool", "draws", "fast", "maps", "for", "the", "a", "of"]
TEXT = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join)


def f1(hits: int, output: int, reference: int) -> float:
    return 2 * hits / (output + reference)


def test_by_hand() -> None:
    scores = rouge(["a fast tool for graphs"], [["a graph drawing tool for maps"]])
    # Stemmed: a fast tool for graph / a graph draw tool for map.
    assert scores["rouge1"] == pytest.approx(f1(4, 5, 6))  # a, tool, for, graph
    assert scores["rouge2"] == pytest.approx(f1(1, 4, 5))  # tool for
    assert scores["rouge_l"] == scores["rouge_lsum"] == pytest.approx(f1(3, 5, 6))  # a tool for


def test_lsum_takes_sentences_in_any_order_and_l_does_not() -> None:
    output, reference = "maps of rivers\nfast tool", "fast tool\nmaps of rivers"
    scores = rouge([output], [[reference]])
    assert scores["rouge_lsum"] == 1
    assert scores["rouge_l"] == pytest.approx(f1(3, 5, 5))


@settings(deadline=None, max_examples=53)
@given(st.lists(st.tuples(TEXT, st.lists(TEXT, min_size=1, max_size=3)), min_size=1, max_size=5))
def test_each_measure_takes_the_best_reference_and_the_mean_over_documents(pairs: list[tuple[str, list[str]]]) -> None:
    outputs, references = zip(*pairs, strict=True)
    scores = rouge(outputs, references)
    assert set(scores) == set(MEASURES)
    for name in MEASURES:
        best = [max(rouge([output], [[each]])[name] for each in texts) for output, texts in pairs]
        assert scores[name] == pytest.approx(sum(best) / len(best))
        assert 0 <= scores[name] <= 1


def test_a_text_is_its_own_best_summary_and_nothing_scores_nothing() -> None:
    assert set(rouge(["a fast tool"], [["Fast, a TOOL!", "A fast tool."]]).values()) == {1.0}
    assert set(rouge([""], [["a fast tool"]]).values()) == {0.0}
    assert set(rouge([], []).values()) == {0.0}


def test_references_that_it_cannot_read_are_counted() -> None:
    [warning] = unreadable_warnings([["绘制图表"], ["绘制图表", "!"], ["!"], ["7"], ["。", ""]])
    assert warning["message"].startswith("ROUGE is 0 for 2 of 5 documents: ")
    assert unreadable_warnings([["绘制图表"], ["7"]]) == []


def test_the_signature_names_the_library_its_version_and_what_a_word_is() -> None:
    assert SIGNATURE.startswith("rouge-score|version:0.1.2|F1|tok:unicode|case:lc|stemmer:Porter|")


@settings(deadline=None, max_examples=211)
@given(
    st.one_of(st.text(string.printable), st.lists(st.sampled_from(["Caresses", "it's", "A_b", "2nd"])).map(" ".join))
)
def test_ascii_texts_have_the_words_of_rouge_scores_own_tokenizer(text: str) -> None:
    assert UnicodeTokenizer().tokenize(text) == DefaultTokenizer(use_stemmer=True).tokenize(text)


@pytest.mark.parametrize(
    "text, words",
    [
        ("Été à Évian", ["été", "à", "évian"]),
        ("E\u0301te\u0301", ["été"]),
        ("Мост открыли!", ["мост", "открыли"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("مَرْحَبًا، بك", ["مَرْحَبًا", "بك"]),
        ("می\u200cخواهم", ["میخواهم"]),
        ("天空很蓝 10 分钟", ["天", "空", "很", "蓝", "10", "分", "钟"]),
        ("新款iPhone13在", ["新", "款", "iphone13", "在"]),
        ("コーヒー", ["コ", "ー", "ヒ", "ー"]),
        ("กำลังที่", ["ก", "ำ", "ลั", "ง", "ที่"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("Straßen «naïve» houses", ["straßen", "naïve", "hous"]),
    ],
)
def test_words_of_any_script(text: str, words: list[str]) -> None:
    assert UnicodeTokenizer().tokenize(text) == words
    assert set(rouge([text], [[text]]).values()) == {1.0} or len(words) == 1  # which has no pair for rouge2


def test_chinese_isnt_scored_by_its_digits() -> None:
    scores = rouge(["天空很蓝 10 分钟"], [["面馆起火 10 分钟扑灭"]])
    assert scores["rouge1"] == pytest.approx(f1(3, 7, 9))  # 10, 分, 钟


def test_it_says_nothing_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    rouge(["a"], [["b"]])
    assert capfd.readouterr() == ("", "")
