"""Every data set says where it comes from, as its file does, so that none need be listed."""

import re

import pytest

from attnlab.config.compose import options
from attnlab.config.conf_path import conf_dir
from attnlab.data.origin import Origin, origin_of, origin_of_file, readers_of_own_files
from attnlab.runs.sources import NO_FILES

WORDS = {
    Origin.MADE_UP: r"^(Made-up|Generated)",
    Origin.BUNDLED: r"\bbundled\b",
    Origin.DOWNLOADED: r"\bonce\b",
    Origin.OWN: r"^Your own|\ba folder of yours\b",
}


@pytest.mark.parametrize("name", options("data"))
def test_what_a_set_says_of_itself_is_what_its_file_says(name: str) -> None:
    text = (conf_dir() / "data" / f"{name}.yaml").read_text(encoding="utf-8")
    head = " ".join(re.findall(r"^# (?!zh:)(.*)$", text.partition("_target_:")[0], re.MULTILINE))
    said = [origin for origin, words in WORDS.items() if re.search(words, head)]
    origin = origin_of_file(name)
    assert origin is not None
    # Scenes are composed of bundled pictures on textures that are made up.
    assert origin in said
    assert len(said) == 1 or name == "fashion_scenes"
    assert (NO_FILES in text) == (origin is Origin.MADE_UP)


def test_a_configuration_has_the_origin_of_its_reader_and_a_class_of_ones_own_has_none() -> None:
    corpus = {"_target_": "attnlab.data.Conll", "train": None}
    tokenizer = {"_target_": "attnlab.data.WordTokenizer"}
    node = {"_target_": "attnlab.data.TaggingDataModule", "tokenizer": tokenizer, "corpus": corpus, "root": None}
    assert origin_of(node) is Origin.OWN
    assert origin_of({"_target_": "attnlab.data.TaggingDataModule", "corpus": {"_target_": "mine.Corpus"}}) is None
    assert origin_of({"_target_": "mine.Data", "root": None}) is None


def test_what_reads_files_of_ones_own_is_known_by_task() -> None:
    assert readers_of_own_files("translation") == ["parallel_table", "parallel_text"]
    assert "image_folder" in readers_of_own_files("image_generation")
    assert readers_of_own_files("nosuch") == []
