"""`attnlab data`: what it prints, the page it writes, and what it refuses."""

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boxed_files
import pytest
import tiny_images
import tiny_tagging

from attnlab.commands import cli
from attnlab.commands.data import choosing, words
from attnlab.commands.data.tables import tables_of
from attnlab.commands.data.text import rendered
from attnlab.commands.data.words import CHINESE
from attnlab.data.description.description import Description, Doubles, Limit, Pieces, SplitNumbers, lengths
from attnlab.reporting.pages.report.contents import Text, plain
from attnlab.reporting.terminal.text import display_width


@pytest.fixture
def conll() -> list[str]:
    """What shows tiny sentences, of which some are in parts."""
    root = tiny_tagging.write_corpus(Path("<b>corpus"))
    return ["data", "conll", f"data.root='{root}'", "data.cache_dir=cache", "data.max_length=4"]


def test_a_terminal_shows_numbers_warnings_and_examples(
    conll: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.main(conll) == 0
    printed = capsys.readouterr()
    assert re.search(r"sentences +61 +13 +7\n", printed.out)
    assert "data.max_length=4" in printed.out
    assert "  - cut " in printed.out
    assert "cut " not in printed.err
    assert "Ada/B-PER" in printed.out
    assert not Path("outputs").exists()
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    assert cli.main(conll) == 0
    said = capsys.readouterr().out
    assert re.search(r"句子 +61 +13 +7\n", said)
    assert re.search(r"  - 训练集的 61 个句子中有 \d+ 个切成模型能读的几段", said)


def test_json_has_the_numbers_and_the_page_shows_the_batches(
    conll: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*conll, "--json", "--html", "page/of/it.html", "--num", "5"]) == 0
    content: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert content["splits"]["train"]["counts"]["sentences"] == 61
    assert content["task"] == "ner"
    assert [len(batch["examples"]) for batch in content["batches"]] == [5, 5, 5]
    page = Path("page/of/it.html").read_text(encoding="utf-8")
    assert page.count("<article") == 15
    assert "<b>corpus" not in page
    assert "&lt;b&gt;corpus" in page
    assert 'class="piece padding"' in page
    assert not re.search(r"""(src|href)=["'](?!data:|#)""", page)  # fetches nothing


def test_the_folder_that_is_read_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    for split, letters in (("train", "ab"), ("val", "cd"), ("test", "ef")):
        Path(f"{split}.tsv").write_text("".join(f"one {each} two\teins {each} zwei\n" for each in letters * 3))
    own = ["data", "parallel_table", "data.source=en", "data.target=de", "data.cache_dir=cache"]
    assert cli.main([*own, "tokenizer=letters"]) == 0
    assert re.search(rf"^folder +{re.escape(str(Path.cwd()))} \(the current one", capsys.readouterr().out, re.MULTILINE)


def test_where_data_without_a_folder_comes_from_is_said_of_each_shipped_set() -> None:
    from attnlab.commands.data.set_shown import _folder

    found = {
        name: _folder(choosing.chosen([name], None, []).load()[1]["data"], None)[0].split(" (")[0]
        for name in ("conll", "bible_names", "wnut17", "synthetic_translation")
    }
    assert found == {
        "conll": str(Path.cwd()),
        "bible_names": "bundled",
        "wnut17": "downloaded",
        "synthetic_translation": "none: it is made up",
    }


def test_a_page_shows_pictures_with_their_boxes_and_classes(capsys: pytest.CaptureFixture[str]) -> None:
    voc = boxed_files.write_voc(Path("voc"))
    sizes = ["data.height=32", "data.width=40", "data.cache_dir=cache"]
    assert cli.main(["data", "voc", f"data.root={voc}", *sizes, "--html", "voc.html"]) == 0
    page = Path("voc.html").read_text(encoding="utf-8")
    assert page.count('<rect class="box"') == 6  # of 3, 2 and 1 boxes
    assert page.count('href="data:image/png;base64,') == 5
    images = tiny_images.write_folder(Path("images"), num_images=20)
    given = ["data=image_folder", f"data.root={images}", "data.image_size=16", "data.cache_dir=cache"]
    assert cli.main(["data", *given, "--task", "image_generation", "--html", "images.html"]) == 0
    page = Path("images.html").read_text(encoding="utf-8")
    assert "image_generation" in page
    assert "stripe</h4>" in page
    assert capsys.readouterr().out == "voc.html\nimages.html\n"


def write_one_class() -> list[str]:
    folder = tiny_images.write_folder(Path("images"), num_images=40) / "cross"
    return ["image_folder", f"data.root={folder}", "data.image_size=16"]


def write_sentences_without_names() -> list[str]:
    folder = tiny_tagging.write_corpus(Path("corpus"))
    (folder / "dev.txt").write_text("went\tO\nto\tO\n")
    return ["conll", f"data.root={folder}"]


def write_pictures_without_objects() -> list[str]:
    folder = boxed_files.write_voc(Path("voc"), boxes=boxed_files.BOXES | {"three": []})
    return ["voc", f"data.root={folder}", "data.height=32", "data.width=32"]


def write_short_pairs() -> list[str]:
    for split, text in (("train", "went to the old town"), ("val", "left"), ("test", "left the old town")):
        Path(f"{split}.tsv").write_text("".join(f"{letter} {text}\t{letter} {text}\n" for letter in "abcdef"))
    chosen_by = ["task.monitor=val/bleu", "task.mode=max"]
    return ["parallel_table", "data.source=en", "data.target=de", "tokenizer=letters", *chosen_by]


@pytest.mark.parametrize(
    "write, task, said",
    [
        (write_one_class, "image_classification", "there must be two classes or more"),
        (write_one_class, "image_generation", "images of a class that is asked for need two classes or more, got"),
        (write_sentences_without_names, "ner", "val/f1 can't choose the best checkpoint where val has no entity"),
        (write_pictures_without_objects, "object_detection", "val/ap can't choose the best checkpoint where val has"),
        (write_short_pairs, "translation", "val/bleu needs a reference with four tokens, got none in val"),
    ],
)
def test_what_its_task_refuses_of_data_is_said_as_training_would_say_it(
    write: Callable[[], list[str]], task: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [*write(), "data.cache_dir=cache", "--task", task]
    assert cli.main(["data", *given]) == 2
    shown, _, refused = capsys.readouterr().out.partition("What training would refuse\n  - ")
    assert "What there is" in shown  # all that is known of it is shown nonetheless
    assert refused.startswith(said)
    assert "From the first batch of train" in refused


def test_what_is_refused_stands_on_the_page_in_json_and_in_the_error(capsys: pytest.CaptureFixture[str]) -> None:
    given = [*write_one_class(), "data.cache_dir=cache", "--json", "--html", "page.html"]
    assert cli.main(["data", *given]) == 2
    printed = capsys.readouterr()
    said = json.loads(printed.out)["refused"]
    assert said.startswith("there must be two classes or more")
    assert printed.err == f"error: {said}\n"
    page = Path("page.html").read_text(encoding="utf-8")
    assert "What training would refuse" in page
    assert said in html.unescape(page)


def test_what_its_model_cannot_find_is_warned_of_as_training_would(capsys: pytest.CaptureFixture[str]) -> None:
    folder = boxed_files.write_voc(Path("voc"))
    given = ["voc", f"data.root={folder}", "data.height=32", "data.width=32", "data.cache_dir=cache"]
    assert cli.main(["data", *given, "model=attention_object_detection"]) == 0
    assert "  - train has up to 2 objects an image, and this model finds at most 1" in capsys.readouterr().out


def test_one_class_is_enough_to_make_images_like_it(capsys: pytest.CaptureFixture[str]) -> None:
    given = [*write_one_class(), "data.cache_dir=cache", "model.conditional=false"]
    assert cli.main(["data", *given, "--task", "image_generation", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["refused"] is None


def test_without_a_name_the_data_sets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["data"]) == 0
    assert re.search(r"^conll +Your own labelled words.*\[ner\]$", capsys.readouterr().out, re.MULTILINE)
    assert cli.main(["data", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["image_folder"]["tasks"] == ["image_classification", "image_generation"]


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["nosuch"], "no data is named 'nosuch'"),
        (["conl"], "no data is named 'conl' (did you mean conll?)"),
        (["conll", "wnut17"], "one data set is shown at a time, got conll wnut17"),
        (["conll", "data=wnut17"], "one data set is shown at a time, got conll and data=wnut17"),
        (["conll", "seed=1,2"], "one data set is shown at a time, got 'seed=1,2'"),
        (["conll", "data.max_lenth=3"], "no key 'data.max_lenth' (did you mean data.max_length?)"),
        (["conll", "data.max_length=0"], "max_length must be 1 or more, got 0"),
        (["conll", "--task", "translation"], "this data doesn't fit this task"),
        (["conll", "--task", "ner", "task=ner"], "the task is chosen once"),
        (["conll", "data.root=nosuch"], "the data's folder must be there, got nosuch (set data.root)"),
        (["voc"], "data.root (the folder) must be given"),
        (["conll", "--num", "0"], "--num must be 1 or more, got 0"),
        (["conll", "--html", "."], "a page is a file, got the folder ."),
        (["conll", "--config-dir", "nosuch"], "no such folder, got nosuch"),
        (["mine", "--config-dir", "own"], "a class of your own doesn't say which task it is for, got data=mine"),
    ],
)
def test_what_cannot_be_is_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("own/data").mkdir(parents=True)
    Path("own/data/mine.yaml").write_text("_target_: mine.Mine\n")
    assert cli.main(["data", *arguments]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("error: ")
    assert printed.count("\n") == 1
    assert said in printed


def test_the_task_is_the_datas_own_unless_it_is_chosen() -> None:
    assert choosing.chosen(["conll", "seed=3"], None, []).overrides == ["task=ner", "data=conll", "seed=3"]
    assert choosing.chosen(["image_folder"], "image_generation", []).overrides[0] == "task=image_generation"
    recipe = choosing.chosen(["experiment=ner_quickstart"], None, [])
    assert recipe.overrides == ["experiment=ner_quickstart"]
    assert recipe.load()[0] == "bible_names"


DESCRIPTION = Description(
    splits={
        split: SplitNumbers(
            counts={"pairs": 1234},
            lengths=lengths("source", "pieces", [1, 2, 9], Limit("data.max_source_length", 7, over, "cut")),
            shares={"classes": {"猫": 1, "dog": 99_999}},
            pieces={"source": Pieces(100_000, 1, 0)},
        )
        for split, over in (("train", 0), ("val", 1))
    },
    vocabularies={"source": 99},
    doubles=[Doubles("val", "train", 0), Doubles("val", "val", 2)],
)


def test_tables_have_a_cell_for_each_head_and_leave_nothing_small_out() -> None:
    tables = {each.name: each for each in tables_of(DESCRIPTION)}
    assert all(len(row) == len(each.heads) for each in tables.values() for row in each.rows)
    assert [row[-1].english for row in tables["lengths"].rows] == ["", "cut"]
    assert [each.english for each in tables["classes"].rows[0]] == ["猫", "1", "<0.01", "1", "<0.01"]
    assert tables["vocabulary"].rows[1][3] == plain("<0.01")
    assert [[each.english for each in row] for row in tables["doubles"].rows] == [["val", "again in itself", "2"]]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_columns_stand_under_each_other_in_both_languages(language: Any) -> None:
    from attnlab.commands.data.set_shown import SetShown

    shown = SetShown(
        title="x",
        facts=[(Text("data", "数据"), plain("x"))],
        tables=tables_of(DESCRIPTION),
        notes=[],
        warnings=[plain("a\x1b[31mb")],
        refused="c\x1b[31md",
        batches=[],
        content={},
    )
    lines = list(rendered(shown, language=language, width=80))
    first = next(place for place, line in enumerate(lines) if "dog" in line)
    assert len({display_width(line) for line in lines[first - 2 : first + 1]}) == 1
    assert not any("\x1b" in line for line in lines)


def test_every_word_that_is_said_has_its_chinese() -> None:
    """Of what the tables say: names and numbers alone are the same in both languages."""
    for table in tables_of(DESCRIPTION):
        assert all(each.english != each.chinese for each in (*table.heads, table.caption) if each.english.strip("% 95"))
    assert words.said("nosuch") == plain("nosuch")
    assert all(CHINESE.values())
