"""What reads a folder is told by its files, and not told where it can't be."""

from pathlib import Path

import pytest
from boxed_files import write_coco

from attnlab.commands import cli
from attnlab.commands.data.readers import reader_of


@pytest.mark.parametrize(
    "files, reader",
    [
        ({"train.txt": "Ann B-PER\nsaw O\n\n# sent 2\nBo\tI-PER\n"}, "conll"),
        ({"train.jsonl": '{"text": "Ann", "entities": []}\n'}, "jsonl_spans"),
        ({"train.jsonl": '{"tokens": ["Ann"], "ner_tags": ["O"]}\n'}, "jsonl_tokens"),
        ({"dev.jsonl": "{}", "train.jsonl": '{"document": "a", "summary": "b"}\n'}, "jsonl"),
        ({"train.jsonl": '{"text": "a"}\n'}, "jsonl_texts"),
        ({"train.jsonl": '{"a": "b"}\n'}, None),
        ({"train.en": "A dog.\n", "train.de": "Ein Hund.\n"}, "parallel_text"),
        ({"book.txt": "It was a dark night.\nO dear.\n"}, "text_files"),
        ({"train/cat/1.png": ""}, "image_folder"),
        ({"images/1.png": "", "labels/1.txt": "", "data.yaml": ""}, "yolo"),
        ({"1.png": "", "1.xml": ""}, "voc"),
        ({"1.png": "", "1.json": '{"shapes": []}'}, "labelme"),
        ({"train/1.png": "", "train/_annotations.csv": "filename,class,xmin,ymin,xmax,ymax\n"}, "boxes_csv"),
        ({"table.csv": "a,b\n1,2\n"}, None),
        ({}, None),
    ],
)
def test_what_reads_a_folder_is_told_by_its_files(files: dict[str, str], reader: str | None, tmp_path: Path) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    assert reader_of(tmp_path) == reader


def test_coco_is_told_by_its_json(tmp_path: Path) -> None:
    assert reader_of(write_coco(tmp_path / "set")) == "coco"


def test_a_folder_in_the_place_of_a_name_is_one_line_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "train.txt").write_text("Ann B-PER\n")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["data", "mine"]) == 2
    said = "got the folder mine (write attnlab data conll data.root=mine)"
    assert said in capsys.readouterr().err
