"""What chooses a class is found by the class."""

import pytest

from attnlab.config.conf_path import name_of


@pytest.mark.parametrize(
    "group, target, name",
    [
        ("data", "attnlab.data.BibleNames", "bible_names"),
        ("data", "attnlab.data.ImageFolderDataModule", "image_folder"),
        ("model", "attnlab.models.Seq2Seq", "seq2seq"),
        ("model", "my_package.MyModel", "MyModel"),
    ],
)
def test_a_class_is_called_by_the_name_that_chooses_it_or_else_its_own(group: str, target: str, name: str) -> None:
    assert name_of(group, target) == name
