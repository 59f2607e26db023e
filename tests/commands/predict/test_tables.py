"""Files that aren't texts are known by their names and lines, and their words are those of the right column."""

import pytest

from attnlab.commands.predict.tables import joined, kind_of, sentences
from attnlab.errors import UserError

CONLL = ["-DOCSTART- -X- O", "", "# PER O", "# NN B-PER", "Ada NN B-PER", "", "Ur NN I-LOC", ""]
CONLLU = ["# text = au soir", "1-2\tau\t_", "1\tà\tADP", "2\tle\tDET", "2.1\tx\t_", "3\tsoir\tNOUN", "", "1\tfin\tNOUN"]


@pytest.mark.parametrize(
    "name, lines, of_words, kind",
    [
        ("a.txt", CONLL, True, "columns"),
        ("a.txt", CONLL, False, None),
        ("stdin", ["Ada\tB-PER", "", "b\tO"], True, "columns"),
        ("a.tsv", ["1\tAda\tB-PER\tO", "2\tUr\tO\tO"], True, "columns"),
        ("a.bio", ["Ada", "Ur"], False, "columns"),
        ("a.CoNLL.gz", ["Ada"], True, "columns"),
        ("a.txt", ["Ada saw O", "I saw Ur"], True, None),
        ("a.tsv", ["a b\tc"], True, "table"),
        ("a.tsv", ["a b", "c"], True, None),
        ("a.csv", ["id,text"], False, "table"),
        ("a.ndjson.xz", [], True, "records"),
        ("a.txt", [], True, None),
    ],
)
def test_a_file_is_known_by_its_name_and_its_lines(name: str, lines: list[str], of_words: bool, kind: object) -> None:
    assert kind_of(name, lines, of_words=of_words) == kind


@pytest.mark.parametrize(
    "lines, words",
    [
        (CONLL, [["#", "#", "Ada"], ["Ur"]]),
        (CONLLU, [["à", "le", "soir"], ["fin"]]),
        (["#tag O", "a b O", "Ur\u3000x O"], [["#tag", "a", "Ur\u3000x"]]),
        (["New York\tB-LOC", "is\tO"], [["New York", "is"]]),
        (["# a comment of some words", "Ada", "", "", "Ur"], [["Ada"], ["Ur"]]),
        (["1\tO", "2\tO", "Ada\tO"], [["1", "2", "Ada"]]),
    ],
)
def test_the_words_of_each_sentence_are_read(lines: list[str], words: list[list[str]]) -> None:
    assert sentences(lines, "a.conll") == words


def test_a_file_without_words_is_refused() -> None:
    with pytest.raises(UserError, match=r"^a file in columns must have a word a line, got none in a.conll$"):
        sentences(["", "-DOCSTART- O"], "a.conll")


def test_joined_words_stand_where_it_is_said() -> None:
    text, offsets = joined(["Ada", "New York", "猫"])
    assert [text[start:end] for start, end in offsets] == ["Ada", "New York", "猫"]
