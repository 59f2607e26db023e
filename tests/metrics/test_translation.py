"""BLEU and chrF are sacrebleu's, by the tokenizer of the target language, and say where they can't mean anything."""

import pytest
import sacrebleu

from attnlab.metrics.translation import AUTO, TOKENIZERS, check_tokenizer, quality, tokenizer_for

CHINESE = ["猫在睡觉。", "我们喜欢这本书。"]
JAPANESE = ["猫が寝ています。", "この本が好きです。"]
THAI = ["แมวกำลังนอนหลับ", "เราชอบหนังสือเล่มนี้"]
ENGLISH = ["the cat sleeps on the mat", "we like this book, really"]


@pytest.mark.parametrize(
    "languages, references, tokenizer",
    [
        (["zh", "zh-CN", "zh_CN", "ZH", "zho_Hans", "cmn", "yue", "train.zh.txt", "en-zh.zh", "zh.gz"], ENGLISH, "zh"),
        (["ja", "ko", "th", "lo", "km", "my", "jpn_Jpan", "corpus.en-ja.ja"], ENGLISH, "char"),
        (["en", "de", "es", "fr-FR", "zh-en.en", "tgt", "target", "ref.txt"], ENGLISH, "13a"),
        (["tgt", "cn", "trg.txt.gz"], CHINESE, "zh"),
        (["tgt", "jp"], JAPANESE, "char"),
        (["tgt"], THAI, "char"),
        (["tgt", "kr"], ["우리는 책을 좋아한다"], "char"),
        (["tgt"], ["Мы любим книги"], "13a"),
        (["tgt"], ["the character 猫 is one of them"], "13a"),
        (["tgt"], [], "13a"),
    ],
)
def test_the_tokenizer_is_the_languages(languages: list[str], references: list[str], tokenizer: str) -> None:
    assert {tokenizer_for(language, references) for language in languages} == {tokenizer}


@pytest.mark.parametrize("language, texts", [("zh", CHINESE), ("ja", JAPANESE), ("th", THAI), ("tgt", CHINESE)])
def test_perfect_translations_have_100_in_any_script(language: str, texts: list[str]) -> None:
    found = quality(texts, [[text] for text in texts], language=language, tokenizer=AUTO, lowercase=False)
    assert found.scores == pytest.approx({"bleu": 100, "chrf": 100})
    assert max(found.scores.values()) <= 100
    assert f"|tok:{tokenizer_for(language, texts)}|" in found.signatures["bleu"]
    assert found.warnings == []


def test_scores_are_sacrebleus_of_all_references() -> None:
    outputs, references = ["the cat sleeps there", "we like it"], [["a dog barks at cats", ENGLISH[0]], [ENGLISH[1]]]
    found = quality(outputs, references, language="en", tokenizer=AUTO, lowercase=False)
    streams = [["a dog barks at cats", ENGLISH[1]], [ENGLISH[0], None]]
    for name, metric in (("bleu", sacrebleu.BLEU()), ("chrf", sacrebleu.CHRF())):
        assert found.scores[name] == metric.corpus_score(outputs, streams).score
        assert found.signatures[name] == str(metric.get_signature())
    assert found.signatures["bleu"].startswith("nrefs:var|case:mixed|eff:no|tok:13a|")
    best_first = quality(
        outputs, [texts[::-1] for texts in references], language="en", tokenizer="13a", lowercase=False
    )
    assert best_first.scores == found.scores


def test_case_counts_unless_it_is_left_out() -> None:
    outputs, references = [text.lower() for text in ("The Cat Sleeps Now",)], [["The Cat Sleeps Now"]]
    cased = quality(outputs, references, language="en", tokenizer=AUTO, lowercase=False)
    small = quality(outputs, references, language="en", tokenizer=AUTO, lowercase=True)
    assert small.scores == pytest.approx({"bleu": 100, "chrf": 100})
    assert max(cased.scores.values()) < 100
    assert "|case:lc|" in small.signatures["bleu"]
    assert "|case:lc|" in small.signatures["chrf"]


def test_letters_are_compared_however_their_marks_were_typed() -> None:
    found = quality(
        ["el niño está aquí"], [["el nin\u0303o esta\u0301 aqui\u0301"]], language="es", tokenizer=AUTO, lowercase=False
    )
    assert found.scores == pytest.approx({"bleu": 100, "chrf": 100})


def test_bleu_isnt_given_where_even_the_references_would_have_none() -> None:
    texts = ["a cat", "two small dogs", ""]
    found = quality(texts, [[text] for text in texts], language="en", tokenizer=AUTO, lowercase=False)
    assert set(found.scores) == set(found.signatures) == {"chrf"}
    assert found.warnings == [
        {
            "kind": "short_references",
            "message": "BLEU isn't given: no reference has 4 tokens (13a), the runs it counts",
        }
    ]


@pytest.mark.parametrize(
    "tokenizer, texts, cure",
    [("13a", CHINESE, "zh"), ("intl", JAPANESE, "char"), ("none", THAI, "char"), ("zh", THAI, "char")],
)
def test_words_between_spaces_that_there_are_none_of_are_warned_of(tokenizer: str, texts: list[str], cure: str) -> None:
    longer = [*texts, "a b c d"]
    references = [[text] for text in longer]
    [warning] = quality(longer, references, language="zh", tokenizer=tokenizer, lowercase=False).warnings
    assert warning["kind"] == "unspaced_references"
    assert warning["message"].endswith(f"scripts without (set task.bleu_tokenizer={cure})")
    assert quality(longer, references, language="zh", tokenizer=cure, lowercase=False).warnings == []
    # Where BLEU isn't given, too.
    found = quality(texts, [[text] for text in texts], language="zh", tokenizer=tokenizer, lowercase=False)
    assert [each["kind"] for each in found.warnings][-1] == "unspaced_references"


def test_chinese_that_was_parted_beforehand_is_nothing_to_warn_of() -> None:
    found = quality(["我们 喜欢 这 本 书"], [["我们 喜欢 这 本 书"]], language="zh", tokenizer="none", lowercase=False)
    assert found.scores["bleu"] == pytest.approx(100)
    assert found.warnings == []


@pytest.mark.parametrize("name", ["ja-mecab", "flores200", "spm", "", None, ["zh"], "ZH"])
def test_another_tokenizer_is_refused(name: object) -> None:
    with pytest.raises(
        ValueError, match=r"^bleu_tokenizer must be auto, or .* 13a, char, intl, none, zh, got .* \(set "
    ):
        check_tokenizer(name)
    for each in (AUTO, *TOKENIZERS):
        check_tokenizer(each)
