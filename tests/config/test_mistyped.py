"""Of an override that can't be read, what to write instead is told."""

import re
from pathlib import Path

import pytest

from attnlab.config.compose import parse
from attnlab.config.mistyped import as_kind
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "typed, remedy",
    [
        (["attention＝additive"], "(with the keyboard's own signs: write attention=additive)"),
        (["attention=“additive”"], '(with the keyboard\'s own signs: write attention="additive")'),
        (["seed=1", "–m"], "(with the keyboard's own signs: write -m)"),
        (["task=ner，", "model=ner_model"], "(without a sign at its end: write task=ner)"),
        (["output_root=／tmp"], "(write output_root=/tmp)"),
        (["task=ner,"], "(without a sign at its end: write task=ner)"),
        (["task=ner；"], "(without a sign at its end: write task=ner)"),
        (["task=ner。"], "(without a sign at its end: write task=ner)"),
        (["attention=additive、uniform，"], "(with the keyboard's own signs: write attention=additive,uniform)"),
        (["attention=additive，", "uniform", "seed=1"], "(without a blank: write attention=additive,uniform)"),
        (["model.dropout=0。1"], "(with the keyboard's own signs: write model.dropout=0.1)"),
        (["trainer.max_steps：20"], "(write trainer.max_steps=20)"),
        (["trainer.max_steps：", "20"], "(write trainer.max_steps=20)"),
        (["trainer.max_steps:20"], "(write trainer.max_steps=20)"),
        (
            ["task=ner attention=dot seed=3"],
            "(give each apart, 'task=ner' and then 'attention=dot', not all in one text)",
        ),
        (["conf/experiment/ner_quickstart.yaml"], "(write experiment=ner_quickstart)"),
        (["data.root=my", "own", "data"], "(what has spaces is quoted: write 'data.root=my own data')"),
        (["data.root=your", "data"], "(write data=NAME)"),
        (["attention==additive"], "(write attention=additive)"),
        (["attention:=additive"], "(write attention=additive)"),
        (["attention:additive"], "(write attention=additive)"),
        (["attention", "additive"], "(write attention=additive)"),
        (["model.dim", "64"], "(write model.dim=64)"),
        (["attention=", "additive"], "(without spaces: write attention=additive)"),
        (["attention=additive,", "uniform", "seed=1"], "(without a blank: write attention=additive,uniform)"),
        (["attention=additive", ",", "uniform"], "(without a blank: write attention=additive,uniform)"),
        (["seed=1,", "2,", "3"], "(without a blank: write seed=1,2,3)"),
        (["callbacks=[default,", "early_stopping]"], "(without a blank: write callbacks=[default,early_stopping])"),
        (["seed=1,2,"], "(without a sign at its end: write seed=1,2)"),
        (["seed=1,,2"], "(a comma only between two values: write seed=1,2)"),
    ],
)
def test_how_an_override_is_to_be_written_is_told(
    typed: list[str], remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my own data").mkdir()
    with pytest.raises(UserError, match=re.escape(remedy)):
        parse(typed)


@pytest.mark.parametrize(
    "kind, text, plain",
    [
        (int, "10", "10"),
        (int, "６４", "64"),
        (int, "6.5", ""),
        (int, "sixty", ""),
        (float, "1e-3", "1e-3"),
        (float, "０.１", "0.1"),
        (bool, "true", "true"),
        (str, "10", ""),
    ],
)
def test_a_text_that_would_be_a_number_without_quotes_is_known(kind: type, text: str, plain: str) -> None:
    assert as_kind(kind, text) == plain
