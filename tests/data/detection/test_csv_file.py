"""One CSV file of boxes: columns by their names, and the line of each mistake."""

from pathlib import Path

import pytest
from boxed_files import message_of

from attnlab.data.detection.csv_file import read_boxes
from attnlab.errors import UserError

HEADER = "filename,width,height,class,xmin,ymin,xmax,ymax"
LINE = "a.png,50,40,cat,1,2,30,40"


def _file(folder: Path, *lines: str) -> Path:
    (folder / "boxes.csv").write_text("".join(f"{line}\n" for line in lines))
    return folder / "boxes.csv"


@pytest.mark.parametrize(
    "lines",
    [
        (HEADER, LINE),
        ("\ufeffImage Path;Label;x_min;y_min;x_max;y_max;note;Height;Width", "a.png;cat;1;2;30;40;;40;50"),
        ("label\tx1\ty1\tx2\ty2\timage\twidth\theight", 'cat\t1\t2\t30\t40\t"a.png"\t50\t40'),
    ],
)
def test_columns_are_known_by_their_names_in_any_order(lines: tuple[str, ...], tmp_path: Path) -> None:
    [found] = read_boxes(_file(tmp_path, *lines), folder="images", key="data.source.train")
    assert (found.path, found.size) == ("images/a.png", (40, 50))
    [box] = found.boxes
    assert (box.corners, box.label, str(box.where)) == ((1, 2, 30, 40), "cat", f"{tmp_path}/boxes.csv, line 2")


def test_coordinates_of_at_most_one_are_shares(tmp_path: Path) -> None:
    shares = _file(tmp_path, "ImageID,LabelName,XMin,XMax,YMin,YMax", "a,cat,0.1,0.5,0.25,1")
    [found] = read_boxes(shares, folder="", key="data.source.train")
    assert (found.in_shares, found.size, found.boxes[0].corners) == (True, None, (0.1, 0.25, 0.5, 1))
    [found] = read_boxes(_file(tmp_path, HEADER, LINE), folder="", key="data.source.train")
    assert not found.in_shares
    hair = _file(tmp_path, HEADER, "a.png,50,60,cat,0.1,0.2,1.0000001,0.9")
    assert read_boxes(hair, folder="", key="data.source.train")[0].in_shares
    wrong = _file(tmp_path, HEADER, "a.png,50,60,cat,0.1,0.2,1.3,0.9")
    with pytest.raises(UserError, match=r"from 0 to 1, or pixels, got none above 1.3 in .*set data.source.train"):
        read_boxes(wrong, folder="", key="data.source.train")


@pytest.mark.parametrize(
    "lines, expected",
    [
        ([LINE], "the first line must name the columns filename, class, xmin, ymin, xmax, ymax, got a.png, 50"),
        (
            ["filename,x,y,width,height,class"],
            "the first line must name the columns xmin, ymin, xmax, ymax, got filename",
        ),
        (["file," + HEADER, LINE], "there must be one column filename, got file and filename in"),
        ([HEADER], "there must be a line for each box, got none in"),
        ([HEADER, LINE + ",5"], "every line must have the 8 columns of the first, got 9 in"),
        ([HEADER, "a.png,50,40,cat,1,2,30"], "every line must have the 8 columns of the first, got 7 in"),
        ([HEADER, LINE.replace("30", "wide")], "xmax must be a number, got 'wide' in"),
        ([HEADER, LINE.replace("30", "")], "xmax must be a number, got '' in"),
        ([HEADER, LINE.replace("cat", "")], "every box must have a class, got none in"),
        ([HEADER, LINE.replace("a.png", "")], "every line must name an image, got none in"),
        ([HEADER, LINE, LINE.replace("50", "60")], "an image must have one size, got (40, 60) and before (40, 50)"),
        ([HEADER, '"a.png,50'], 'line 2: a " begins a value there, and none ends it (add it)'),
    ],
)
def test_what_a_file_lacks_is_one_line(lines: list[str], expected: str, tmp_path: Path) -> None:
    message = message_of(lambda: read_boxes(_file(tmp_path, *lines), folder="", key="data.source.train"))
    assert expected in message
    assert f"{tmp_path}/boxes.csv" in message


def test_files_that_cant_be_read_are_one_line(tmp_path: Path) -> None:
    message = message_of(lambda: read_boxes(tmp_path / "no.csv", folder="", key="data.source.val"))
    assert (
        message
        == f"annotations must be readable, got {tmp_path}/no.csv: No such file or directory (set data.source.val)"
    )
    (tmp_path / "val").mkdir()
    (tmp_path / "val" / "a.csv").touch()
    message = message_of(lambda: read_boxes(tmp_path / "valid" / "a.csv", folder="", key="data.source.val"))
    assert message.endswith("/valid/a.csv, but val/a.csv (set data.source.val=val/a.csv)")
    (tmp_path / "gbk.csv").write_bytes(f"{HEADER}\n".encode() + "小狗.png".encode("gbk"))
    message = message_of(lambda: read_boxes(tmp_path / "gbk.csv", folder="", key="data.source.val"))
    assert message == f"annotations must be UTF-8, got {tmp_path}/gbk.csv (set data.source.val)"
