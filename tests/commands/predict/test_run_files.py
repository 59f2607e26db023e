"""Files are read as the run's own data is: the same words, fields and columns."""

import json
from pathlib import Path
from typing import Any

import pytest

from attnlab.commands.predict.inputs import Reading, read
from attnlab.commands.predict.run_files import RunFiles
from attnlab.errors import UserError

CONLL = {"word_column": None, "label_column": None, "scheme": None}
ONTONOTES = "".join(f"nw/x/1 0 {n} {w} NN * - - - * {t}\n" for n, (w, t) in enumerate([("Ada", "(PER)"), ("saw", "*")]))


def _read(name: str, text: str, corpus: dict[str, Any], *, types: tuple[str, ...] = ("PER",)) -> list[str]:
    Path(name).write_text(text)
    reading = Reading(
        as_text=False,
        whole_file=False,
        words=False,
        labels_words=bool(types),
        files=RunFiles(corpus, types),
        endings=[],
    )
    return [given.text for given in read([name], reading)]


@pytest.mark.parametrize(
    "name, text, changes",
    [
        ("a.conll", "#begin document (x);\n" + ONTONOTES, {}),
        ("a.txt", "NNP B-PER Ada\nVBD O saw\n", {}),
        ("a.txt", "B-PER Ada\nO saw\n", {}),
        ("a.txt", "Ada PER\nsaw O\n", {"scheme": "io"}),
        ("a.txt", "Ada;B-PER\nsaw;O\n", {}),
        ("a.conll", "Ada,B-PER\nsaw,O\n", {}),
        ("a.tsv", "word\ttag\nAda\tB-PER\nsaw\tO\n", {}),
        ("a.csv", "Sentence #,Word,POS,Tag\n1,Ada,NNP,B-PER\n,saw,VBD,O\n", {}),
        ("a.conll", "NNP Ada\nVBD saw\n", {"word_column": -1}),
        ("a.json", json.dumps([{"tokens": ["Ada", "saw"], "ner_tags": [1, 0]}]), {}),
        ("a.jsonl", '{"t": ["Ada", "saw"]}\n', {"tokens": "t"}),
        ("a.json", json.dumps([{"data": {"text": "Ada saw"}, "annotations": []}]), {}),
        ("a.json", '["Ada saw"]', {}),
        ("a.txt", "Ada saw\n", {}),
    ],
)
def test_a_run_that_labels_words_reads_those_that_training_read(name: str, text: str, changes: dict[str, Any]) -> None:
    assert _read(name, text, {**CONLL, **changes}) == ["Ada saw"]


TABLE = {"_target_": "attnlab.data.CsvSummaries", "document": None, "delimiter": None, "quoted": None}
PAIRS = {"source_column": None, "target_column": None, "delimiter": None, "quoted": None}


@pytest.mark.parametrize(
    "name, text, corpus, texts",
    [
        ("a.csv", 'id,document\n1,"one, ""two"""\n2,"a\nb"\n', TABLE, ['one, "two"', "a\nb"]),
        ("a.csv", "document\none\n", TABLE, ["one"]),
        ("a.csv", "text;x\none;2\n", {**TABLE, "document": "text", "delimiter": ";"}, ["one"]),
        ("a.csv", "x,one\n", {**TABLE, "document": 1}, ["one"]),
        ("a.txt", '"one"\tuno\n', PAIRS, ['"one"']),
        ("a.tsv", "1\tone\t2\tuno\n", {**PAIRS, "source_column": 1}, ["one"]),
        ("a.txt", "one, two\n", PAIRS, ["one, two"]),
        ("a.csv", "id,body\n1,one\n", {"document": "body"}, ["one"]),
        ("a.json", '[{"body": "one"}, {"body": ["a", "b"]}]', {"document": "body"}, ["one", "a\nb"]),
    ],
)
def test_tables_and_records_are_read_by_the_runs_own_column(
    name: str, text: str, corpus: dict[str, Any], texts: list[str]
) -> None:
    assert _read(name, text, corpus, types=()) == texts


def test_a_header_that_a_run_without_one_reads_as_a_text_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert _read("a.tsv", "de\tEnglish\neins\tone\n", PAIRS, types=()) == ["de", "eins"]
    said = "the first line of a.tsv looks like a header, 'de', 'English', and is read as a text (take it out)\n"
    assert capsys.readouterr().err == said
    assert _read("a.tsv", "de\tone\neins\tone\n", PAIRS, types=()) == ["de", "eins"]
    assert _read("a.tsv", "de\tEnglish\neins\tone\n", {**PAIRS, "source_column": "de"}, types=()) == ["eins"]
    assert capsys.readouterr().err == ""


def test_what_the_run_cannot_read_is_one_line() -> None:
    with pytest.raises(UserError, match=r"^predict reads one text a line, got a.csv, whose lines are rows of a table"):
        _read("a.csv", "x,y\n1,2\n", TABLE, types=())
    with pytest.raises(UserError, match=r"^a row must have 2 values, got 1 at line 3 of a.csv$"):
        _read("a.csv", "id,document\n1,one\n2\n", TABLE, types=())


@pytest.mark.parametrize("line", ["{", "[]", '{"text": 1}', '{"text": [1]}', "{}", "[" * 100_000])
def test_a_record_without_its_text_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(UserError, match=r"line 2 of a.jsonl"):
        _read("a.jsonl", '{"text": "a"}\n' + line, {"text": "text"}, types=())
