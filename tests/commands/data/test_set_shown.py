"""Which folder a data set is said to come from."""

import re

from attnlab.commands.data.set_shown import DOWNLOADED
from attnlab.config.conf_path import conf_dir


def test_what_is_downloaded_is_told_as_its_file_says_it() -> None:
    """So that a new data set isn't forgotten, and said to be bundled."""
    texts = [path.read_text(encoding="utf-8") for path in (conf_dir() / "data").glob("*.yaml")]
    heads = {text: " ".join(re.findall(r"^# (.*)$", text.partition("_target_:")[0], re.MULTILINE)) for text in texts}
    said = {
        re.findall(r"^  _target_: (\S+)", text, re.MULTILINE)[0]
        for text, head in heads.items()
        if re.search(r"\bonce\b", head)
    }
    assert said == set(DOWNLOADED)
