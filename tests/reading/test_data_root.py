"""Of data that isn't there its folder is named, and what is named much like it."""

from pathlib import Path

import pytest

from attnlab.errors import UserError
from attnlab.reading.data_root import check_there


@pytest.mark.parametrize(
    "root, said",
    [
        ("nowhere", r"got nowhere \(set data.root\)"),
        ("语料", r"got 语料 \(did you mean 语料库\?\) \(set data.root\)"),
        ("corpra", r"got corpra \(did you mean corpora\?\) \(set data.root\)"),
        ("corpora/germen/train", r"got corpora/germen/train \(did you mean corpora/german\?\)"),
        ("corpora/table.tsv/train", r"got corpora/table.tsv/train \(did you mean corpora/table.tsv\?\)"),
        ("n" * 300, r"got n+: File name too long \(set data.root\)"),
    ],
)
def test_a_folder_that_isnt_there_is_one_line_that_guesses(root: str, said: str) -> None:
    Path("corpora/german").mkdir(parents=True)
    Path("corpora/table.tsv").touch()
    Path("语料库").mkdir()
    with pytest.raises(UserError, match=f"^the data's folder must be there, {said}"):
        check_there(Path(root))


def test_what_is_there_passes_folder_or_archive() -> None:
    Path("images.zip").touch()
    for each in (Path("images.zip"), Path(), Path("images.zip").absolute()):
        check_there(each)
