"""`attnlab predict` on a tagger: marks in the terminal, offsets in JSON, a page; right for any text."""

import json
import re
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_tagging import run, write_corpus

from attnlab.commands import cli
from attnlab.runs import build, checkpoint

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

# Combining marks, astral characters, joiners, right-to-left text, CRLF, tabs, several spaces.
NASTY = [
    "Ada went to  New\tYork.\r\nNoah Webster saw Ur!",
    "Ruthe\u0301 𝒜da 👩‍🚀 שָׂרָה در Ur — naïve Ada",
    "\u202eAda\u202c Ai\x00Ur",
    "Ur",
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that finds the names it was trained on."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        corpus = write_corpus(folder / "corpus")
        more = ["model.num_layers=0", "trainer.max_steps=80", "trainer.val_check_interval=80", "optimizer.lr=0.02"]
        assert run(corpus, "output_dir=run", "attention=relative", *more) == 0
    return folder / "run" / "checkpoints" / "best.ckpt"


@pytest.fixture(scope="module")
def predictor(trained: Path) -> Any:
    return build.restore_predictor(checkpoint.find(trained))[1]


def _json(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_marks_stand_in_the_text_and_colour_only_on_a_terminal(
    trained: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["predict", str(trained), "Ada went to New York"]
    assert cli.main(command) == 0
    plain = capsys.readouterr().out
    assert plain == "[Ada PER] went to [New York LOC]\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert cli.main(command) == 0
    coloured = capsys.readouterr().out
    assert coloured != plain
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(name, value)
            assert cli.main(command) == 0
        assert capsys.readouterr().out == plain


def test_offsets_are_code_points_of_the_input_whatever_stands_in_it(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["Ada", "New\tYork", "Noah Webster", "Ur"]
    assert cli.main(["predict", str(trained), *NASTY, "--json"]) == 0
    found = _json(capsys)
    assert [each["input"] for each in found] == NASTY
    for each in found:
        assert set(each) == {"id", "input", "output", "score", "details"}
        for span in each["output"]:
            assert set(span) == {"start", "end", "label", "text"}
            assert each["input"][span["start"] : span["end"]] == span["text"]
    texts = [span["text"] for span in found[0]["output"]]
    assert [text for text in texts if text.isalpha() or " " in text or "\t" in text] == names
    assert {"start": NASTY[1].index("Ur"), "end": NASTY[1].index("Ur") + 2, "label": "LOC", "text": "Ur"} in found[1][
        "output"
    ]


def test_given_words_are_those_that_are_labelled_and_drawn(
    trained: Path, predictor: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("in.conll").write_text("Ada B-PER\nwent O\nto O\nUr's B-LOC\n\nRuth B-PER\n")
    command = ["predict", str(trained), "--json", "--html", "page.html"]
    assert cli.main([*command, "in.conll"]) == 0
    of_columns = _json(capsys)
    assert [each["input"] for each in of_columns] == ["Ada went to Ur's", "Ruth"]
    assert cli.main([*command, "--words", "Ada went to Ur's", "Ruth", ""]) == 0
    by_spaces = _json(capsys)
    assert by_spaces[:2] == of_columns
    assert by_spaces[0]["details"]["words"] == [[0, 3], [4, 8], [9, 11], [12, 16]]
    maps = json.loads(re.search(r'id="maps">(.*?)</script>', Path("page.html").read_text(), re.DOTALL)[1])  # type: ignore[index]
    assert [len(piece["heads"][0]) for piece in maps[0]] == [4]
    [split] = predictor.predict_texts(["Ada went to Ur's"])
    assert len(split["details"]["words"]) == 5


def test_a_line_is_printed_for_every_input(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("in.txt").write_text("Ada went\u2028to Ur\x1b[2J\n\n \nRuth\x0bsaw\x85Ur\n")
    assert cli.main(["predict", str(trained), "in.txt", "Ada\r\nUr"]) == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) == out.count("\n") == 5
    assert "\x1b" not in out


@given(text=st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_has_words_and_spans_within_it(predictor: Any, text: str) -> None:
    [prediction] = predictor.predict_texts([text])
    end = 0
    for start, stop in prediction["details"]["words"]:
        assert end <= start < stop <= len(text)
        end = stop
    assert len(prediction["details"]["labels"]) == len(prediction["details"]["words"])
    for span in prediction["output"]:
        assert text[span["start"] : span["end"]] == span["text"]
        assert [span["start"], span["end"]] != [0, 0]
        assert any(start == span["start"] for start, _ in prediction["details"]["words"])


def test_decomposed_letters_are_the_composed_ones(predictor: Any) -> None:
    """The model sees the same word; the offsets are those of the text as it was typed."""
    composed, decomposed = (unicodedata.normalize(form, "Ada é Ur") for form in ("NFC", "NFD"))
    first, second = predictor.predict_texts([composed, decomposed])
    assert first["details"]["labels"] == second["details"]["labels"]
    assert [len(composed), len(decomposed)] == [first["details"]["words"][-1][1], second["details"]["words"][-1][1]]


def test_a_file_is_read_line_by_line_and_empty_lines_keep_their_place(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("in.txt").write_bytes("Ada went to Ur\r\n\r\nRuth saw 猫\n".encode())
    assert cli.main(["predict", str(trained), "in.txt", "--json"]) == 0
    found = _json(capsys)
    assert [each["input"] for each in found] == ["Ada went to Ur", "", "Ruth saw 猫"]
    assert found[1]["output"] == []
    assert {"start": 0, "end": 4, "label": "PER", "text": "Ruth"} in found[2]["output"]


def test_a_text_longer_than_the_model_reads_is_read_in_pieces_and_nothing_is_lost(
    trained: Path, predictor: Any, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    text = " ".join(["Ada went to Ur"] * 37)
    assert len(text.split()) > 5 * predictor.model.max_length
    assert cli.main(["predict", str(trained), text, "--json", "--map", "m.png", "--batch-size", "2"]) == 0
    captured = capsys.readouterr()
    [found] = (json.loads(line) for line in captured.out.splitlines())
    assert [text[start:end] for start, end in found["details"]["words"]] == text.split()
    assert sum(span["text"] == "Ada" for span in found["output"]) >= 30
    assert "the first of the 7 pieces" in captured.err
    assert "cut 1 of 1 inputs into pieces of the 24 words that the model reads" in caplog.text


def test_each_text_fares_the_same_alone_as_among_others(predictor: Any) -> None:
    together = list(predictor.predict_texts(NASTY, batch_size=3))
    for text, expected in zip(NASTY, together, strict=True):
        [alone] = predictor.predict_texts([text])
        assert alone["output"] == expected["output"]
        assert alone["score"] == pytest.approx(expected["score"], abs=2e-4)


def test_the_page_shows_every_text_with_its_entities_and_attention(
    trained: Path, predictor: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    long = " ".join(["Ada went to Ur"] * 10)
    assert cli.main(["predict", str(trained), *NASTY, long, "--html", "out/page.html"]) == 0
    assert "wrote out/page.html" in capsys.readouterr().err
    page = Path("out/page.html").read_text(encoding="utf-8")
    assert page.count("<article") == len(NASTY) + 1
    assert "New\tYork" not in page  # two words
    assert re.search(r'<mark class="k\d"><span[^>]*>Ada</span><b class="label">PER</b></mark>', page)
    maps = json.loads(re.search(r'id="maps">(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]
    assert sum(len(piece["heads"][0]) for piece in maps[-1]) == 40  # both pieces' words
    assert {f'data-text-en="head {head}"' in page for head in range(1, 1 + len(maps[0][0]["heads"]))} == {True}
    assert [piece["first"] for piece in maps[-1]] == [0, 20]
    [picture, *_] = predictor.text_pictures(NASTY[0], name="")
    assert torch.allclose(torch.tensor(maps[0][0]["heads"]) * maps[0][0]["unit"], picture.weights, atol=1e-4)
    assert all(f"<dd>{each}</dd>" in page for each in ("ner_model-relative", "run", "NERModel", "relative"))


@pytest.mark.parametrize(
    "more, expected",
    [
        (["nosuch/file.txt"], "no such file, got nosuch/file.txt (add --text if it is the text itself)"),
        (["--beam-size", "2"], "searches no beams, got --beam-size 2 (drop --beam-size)"),
        (["--map", "/proc/m.png"], "can't write /proc/m.png"),
        (["--html", "/proc/page.html"], "can't write /proc/page.html"),
        (["--device", "nosuch"], "(set --device)"),
    ],
)
def test_what_cannot_be_is_one_line(
    trained: Path, capsys: pytest.CaptureFixture[str], more: list[str], expected: str
) -> None:
    assert cli.main(["predict", str(trained), "Ada", *more]) == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert expected in errors[0]


def test_nothing_to_draw_is_said(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["predict", str(trained), "\u200b", "--map", "m.png"]) == 2
    assert "no word to draw" in capsys.readouterr().err


def test_a_backward_models_pictures_are_in_the_sentences_order(trained: Path, predictor: Any) -> None:
    config, _ = build.restore(checkpoint.find(trained))
    config["model"]["direction"] = "backward"
    backward = build.build_task(config, predictor.codec.sizes, predictor.codec)
    [picture] = backward.predictor.text_pictures("Ada went to Ur", name="x")
    mean = picture.weights.mean(0)
    assert torch.equal(mean.triu(), mean)
    assert (mean.triu() > 0).sum() == 10
