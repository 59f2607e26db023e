"""Which examples stand together."""

from attnlab.data.clusters import Clusters, chapters, in_lines, marks


def test_verses_stand_in_chapters_and_what_is_no_verse_in_none() -> None:
    assert chapters(["Genesis 1:1", "Genesis 1:2", "1 Samuel 2:10"]) == Clusters(
        "chapter", ["Genesis 1", "Genesis 1", "1 Samuel 2"]
    )
    assert chapters(["Genesis 1:1", "17"]) is None
    assert chapters([]) is None


def test_sentences_of_a_file_stand_in_the_document_that_begins_above_them() -> None:
    lines = ["-DOCSTART- O", "", "a O", "", "b O", "", "-DOCSTART- O", "", "c O"]
    found = in_lines(marks(lines), [3, 5, 9])
    assert found is not None
    assert found.kind == "document"
    assert found.names[0] == found.names[1] != found.names[2]
    for start in ("# newdoc id = x", "#begin document (x); part 000"):
        assert in_lines(marks([start, "a O", "", start, "b O"]), [2, 5]) is not None


def test_nothing_is_said_of_a_file_that_is_one_document_or_says_nothing() -> None:
    assert in_lines(marks(["-DOCSTART- O", "a O", "", "b O"]), [2, 4]) is None
    assert in_lines(marks(["# id = 1", "a O", "", "# id = 2", "b O"]), [2, 5]) is None
    assert in_lines(marks(["a O", "", "b O"]), [1, 3]) is None


def test_verses_of_a_file_are_known_by_their_comments() -> None:
    lines = ["# id = Ruth 1:1", "# text = a", "a O", "", "# id = Ruth 1:2", "b O", "", "# id = Ruth 2:1", "c O"]
    assert in_lines(marks(lines), [3, 6, 9]) == Clusters("chapter", ["Ruth 1", "Ruth 1", "Ruth 2"])
