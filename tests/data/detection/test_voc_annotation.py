"""One XML file of boxes."""

from pathlib import Path

from attnlab.data.detection.voc_annotation import read_annotation


def test_what_a_file_says(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(
        "<annotation>\n<filename> a.jpg </filename>\n<size><width>29</width><height>41</height></size>\n<object>"
        "<name>cat</name><bndbox><xmin>2</xmin><ymin>3</ymin><xmax>5</xmax><ymax>7</ymax></bndbox></object></annotation>"
    )
    found = read_annotation(path, first_pixel=1)
    assert (found.size, found.image, found.where) == ((41, 29), "a.jpg", f"{path}, line 3")
    [box] = found.boxes
    assert (box.corners, list(box.written), box.label, box.ignored) == ((1, 2, 5, 7), [2, 3, 5, 7], "cat", False)
    assert read_annotation(path, first_pixel=0).boxes[0].corners == (2, 3, 5, 7)
