"""Classes by a table, and the images that its rows mean."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_images import encoded, picture, write_folder

from attnlab.data import ImageFolderDataModule
from attnlab.data.classification.label_table import Row, labels_of, read_label_table, splits_of
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "text, rows",
    [
        ("filename,label\n1.png,cat\n2.png,dog\n", [(2, "1.png", "cat", None), (3, "2.png", "dog", None)]),
        ("\ufeffimage;class\r\n1.png;cat\r\n\r\n", [(2, "1.png", "cat", None)]),
        ('label\tfile\tset\n"a\nb"\t1.png\tvalid\n', [(3, "1.png", "a\nb", "val")]),
        ("id,filename,label\n7,1.png,cat\n", [(2, "1.png", "cat", None)]),
        ("id,breed\n1,cat\n", None),
        ("filename, cat, dog\n1.png, 0, 1\n2.png, 1, 0\n", [(2, "1.png", "dog", None), (3, "2.png", "cat", None)]),
    ],
)
def test_columns_are_known_by_their_names(text: str, rows: list[tuple[int, str, str, str | None]] | None) -> None:
    if rows is None:
        with pytest.raises(
            UserError, match=r"names its columns, one of filename, .* got id, breed in t.csv \(set data.l"
        ):
            read_label_table(text.encode(), "t.csv")
        return
    assert read_label_table(text.encode(), "t.csv") == [Row(*row) for row in rows]


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "names its columns"),
        ("filename,label\n1.png\n", r"every row has 2 cells, got 1 in t.csv, line 2 \(mend it\)"),
        ("filename,filename,label\n0.png,1.png,dog\n", r"must stand once .* got 'filename' more than once"),
        ("filename,cat,dog,cat\n1.png,1,0,0\n", r"must stand once in a header, got 'cat' more than once in t.csv"),
        ("filename,label\n1.png,\n", r"every row has an image and a class, got \['1.png', ''\] in t.csv, line 2"),
        ("filename,label,split\n1.png,cat,holdout\n", r"is train, val or test, got 'holdout' in t.csv, line 2"),
        ("filename,cat,dog\n1.png,1,1\n", r"a row has a 1 for its class and else 0, got 1, 1 in t.csv, line 2"),
        ("filename,label,class\n1.png,cat,2\n", r"one column says the class, .* got label, class in t.csv"),
        ('filename,label\n"1.png,cat\n', r"this isn't a table, got t.csv, line 2: a .* none ends it \(add it\)"),
    ],
)
def test_a_table_that_isnt_right_is_refused_by_its_line(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_label_table(text.encode(), "t.csv")
    with pytest.raises(UserError, match=r"must be in UTF-8, got t.csv"):
        read_label_table(b"filename,label\n\xff.png,cat\n", "t.csv")


def _row(name: str, label: str = "cat", split: str | None = None, line: int = 2) -> Row:
    return Row(line, name, label, split)


@pytest.mark.parametrize("asked", ["a/1.png", "1.png", "1", "./a/1.png", "a\\1.png", "a/1"])
def test_a_row_may_name_an_image_shortly_where_that_is_clear(asked: str) -> None:
    assert list(labels_of([_row(asked)], ["a/1.png", "b/2.png"], "a/t.csv", skip=False)) == ["a/1.png"]


@pytest.mark.parametrize(
    "rows, message",
    [
        ([_row("1.png")], r"a row names one image, got 1.png, which may be a/1.png, b/1.png"),
        ([_row("3.png")], r"every row must have an image, got none for 3.png \(line 2\) in t.csv"),
        ([_row("a/1.png"), _row("a/1.png", "dog", line=5)], r"got two of a/1.png in t.csv, lines 2 and 5"),
    ],
)
def test_what_a_row_means_must_be_clear(rows: list[Row], message: str) -> None:
    with pytest.raises(UserError, match=message):
        labels_of(rows, ["a/1.png", "b/1.png"], "t.csv", skip=False)
    assert list(labels_of([_row("a/1.png"), _row("3.png")], ["a/1.png"], "t.csv", skip=True)) == ["a/1.png"]


def test_splits_are_the_column_s_or_the_folders() -> None:
    by_column = {"1.png": _row("", split="train"), "test/2.png": _row("", split="val")}
    assert splits_of(by_column) == {"train": {"1.png": "cat"}, "val": {"test/2.png": "cat"}}
    assert splits_of({"train/1.png": _row(""), "valid/2.png": _row("")}) == {
        "train": {"train/1.png": "cat"},
        "val": {"valid/2.png": "cat"},
    }
    assert splits_of({"a/1.png": _row(""), "2.png": _row("")}) == {"train": {"a/1.png": "cat", "2.png": "cat"}}
    with pytest.raises(UserError, match=r"some images must be train's, got test alone \(set data.labels\)"):
        splits_of({"1.png": _row("", split="test")})


def _module(root: Path, **changes: object) -> ImageFolderDataModule:
    settings = {"image_size": 8, "num_workers": 0, "cache_dir": "cache", "labels": "labels.csv"} | changes
    return ImageFolderDataModule(root=str(root), **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("place", [lambda root: "labels.csv", lambda root: str(root / "labels.csv")])
def test_a_table_takes_the_place_of_class_folders(
    tmp_path: Path, place: Callable[[Path], str], caplog: pytest.LogCaptureFixture
) -> None:
    root = tmp_path / "images"
    root.mkdir()
    for number in range(13):
        (root / f"{number}.png").write_bytes(encoded(picture("cross", number)))
    rows = [f"{number}.png,{'cat' if number % 2 else 'dog'}\n" for number in range(12)]
    (root / "labels.csv").write_text("filename,label\n" + "".join(rows))
    module = _module(root, labels=place(root))
    module.prepare_data()
    assert module.codec.classes == ["cat", "dog"]
    assert module.summary["images"] == {"train": 8, "val": 2, "test": 2}
    assert sorted(module.train_labels().tolist()) == [0] * 4 + [1] * 4
    assert [each["kind"] for each in module.warnings] == ["unlabelled"]
    assert "left out 1 images without a row in" in caplog.text
    checksum = module.checksum
    (root / "labels.csv").write_text("filename,label\n" + "".join(rows).replace("dog", "emu"))
    other = _module(root)
    other.prepare_data()
    assert other.checksum != checksum


def test_a_table_that_isnt_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"table of labels can't be read, got .*labels.csv: .* \(set data.labels\)"):
        _module(write_folder(tmp_path / "images", 4)).prepare_data()


@pytest.mark.parametrize("header", ["Image Name,Class Name", "IMAGE-ID,label_name", "file_name,Category"])
def test_columns_are_known_however_their_words_are_joined(header: str) -> None:
    [row] = read_label_table(f"{header}\na.png,cat\n".encode(), "t.csv")
    assert (row.name, row.label) == ("a.png", "cat")
