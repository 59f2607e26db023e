"""Of an override that can't be read, what to write instead is told."""

import re
from pathlib import Path

import pytest

from attnlab.config.compose import parse
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "typed, remedy",
    [
        (["attention＝additive"], "(write attention=additive, with the keyboard's own signs)"),
        (["attention=“additive”"], '(write attention="additive", with the keyboard\'s own signs)'),
        (["seed=1", "–m"], "(write -m, with the keyboard's own signs)"),
        (
            ["task=ner attention=dot seed=3"],
            "(give each apart, 'task=ner' and then 'attention=dot', not all in one text)",
        ),
        (["conf/experiment/ner_quickstart.yaml"], "(write experiment=ner_quickstart)"),
        (["data.root=my", "own", "data"], "(what has spaces is quoted: write 'data.root=my own data')"),
        (["data.root=your", "data"], "(write data=NAME)"),
    ],
)
def test_how_an_override_is_to_be_written_is_told(
    typed: list[str], remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my own data").mkdir()
    with pytest.raises(UserError, match=re.escape(remedy)):
        parse(typed)
