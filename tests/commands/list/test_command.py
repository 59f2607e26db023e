"""`attnlab list`: every name that can be chosen and every key of each, for people and for machines."""

import json
from pathlib import Path
from typing import Any

import pytest

from attnlab.commands import cli
from attnlab.config import fitting

COMMITTED = fitting.read()


def _listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(["list", *arguments]) == 0
    return capsys.readouterr().out


def _content(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(_listed(capsys, *arguments, "--json"))


def test_list_for_machines_is_one_object_of_groups_their_tasks_and_grid(capsys: pytest.CaptureFixture[str]) -> None:
    content = _content(capsys)
    assert content.keys() == {"groups", "tasks", "grid"}
    assert content["grid"] == COMMITTED
    assert len(content["groups"]["attention"]) >= 28
    assert len(content["groups"]["feature_attention"]) >= 11
    assert list(content["groups"]["attention"]) == list(COMMITTED["attention"])
    assert list(content["groups"]["feature_attention"]) == list(COMMITTED["feature_attention"])
    assert _content(capsys, "grid") == {"grid": COMMITTED}
    alone = _content(capsys, "model")
    assert alone == {"groups": {"model": content["groups"]["model"]}, "tasks": {"model": content["tasks"]["model"]}}


@pytest.mark.parametrize("columns, width", [("60", 80), ("80", 80), ("97", 97), ("300", 120)])
def test_list_fits_a_terminal_and_shows_every_name(
    columns: str, width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    text = _listed(capsys)
    assert max(map(len, text.splitlines())) <= width
    for name in (*COMMITTED["attention"], *COMMITTED["feature_attention"]):
        assert f"\n  {name} " in text


def test_a_group_alone_has_no_grid(capsys: pytest.CaptureFixture[str]) -> None:
    text = _listed(capsys, "scheduler")
    assert text.startswith("scheduler\n  constant ")
    assert "grid" not in text
    assert "attention" not in text


def test_a_task_restricts_the_list_to_what_fits_it(capsys: pytest.CaptureFixture[str]) -> None:
    content = _content(capsys, "--task", "ner")
    groups = content["groups"]
    assert list(groups["task"]) == list(content["grid"]["cells"]) == ["ner"]
    assert list(groups["model"]) == list(COMMITTED["cells"]["ner"])
    assert {"conll", "bible_names"} <= groups["data"].keys()
    assert "multi30k" not in groups["data"]
    assert set(groups["tokenizer"]) == {"torchtext", "words"}
    assert groups["extractor"] == groups["adversarial_loss"] == groups["feature_attention"] == {}
    assert list(groups["experiment"]) == ["ner_quickstart"]
    assert list(groups["study"]) == ["attention_in_ner"]
    for task in ("ner", "translation"):
        cells = [each["attention"] for each in COMMITTED["cells"][task].values()]
        fitting = {name for each in cells for name, cell in each.items() if "refused" not in cell}
        assert set(_content(capsys, "attention", "--task", task)["groups"]["attention"]) == fitting
    assert cli.main(["list", "--task", "juggling"]) == 2
    assert "error: no such task, got 'juggling' (choose from " in capsys.readouterr().err


def test_configs_of_ones_own_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    for group, text in (
        (
            "attention",
            "# To and fro, as Zig et al. (2031) do,\n# and Zag. Then something else.\n_target_: mine.Zigzag\n",
        ),
        ("data", "# Mine.\n_target_: attnlab.data.TaggingDataModule\nroot: here   # of zigs\n"),
    ):
        mine = Path("mine", group, "zigzag.yaml")
        mine.parent.mkdir(parents=True)
        mine.write_text(text)
    names = _content(capsys, "--config-dir", "mine")["groups"]["attention"]
    assert names["zigzag"] == "To and fro, as Zig et al. (2031) do, and Zag."
    assert list(names) == sorted(names)
    text = _listed(capsys, "--config-dir", "mine")
    assert "not in the grid, being your own: zigzag (see attnlab check)" in text
    assert "zigzag" in _content(capsys, "--config-dir", "mine", "--task", "ner")["groups"]["data"]
    assert "zigzag" not in _content(capsys, "--config-dir", "mine", "--task", "translation")["groups"]["data"]
    text = _listed(capsys, "zigzag", "--config-dir", "mine")
    assert text.startswith("data=zigzag  [ner]\n  Mine.\n\n  data.root  here  of zigs\n\nattention=zigzag\n")
    assert cli.main(["list", "--config-dir", "nowhere"]) == 2
    assert "error: no such folder, got nowhere (set --config-dir)" in capsys.readouterr().err


def test_a_name_that_would_never_be_read_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    mine = Path("mine/attention/additive.yaml")
    mine.parent.mkdir(parents=True)
    mine.write_text("_target_: mine.Additive\n")
    for command in (["list"], ["train"], ["check", "additive"]):
        assert cli.main([*command, "--config-dir", "mine"]) == 2
        said = capsys.readouterr().err
        assert said.startswith("error: a name that is attnlab's own stays attnlab's, got mine/attention/additive.yaml")


def test_a_name_shows_its_keys_under_the_names_that_overrides_have(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    text = _listed(capsys, "data", "conll")
    assert text.startswith("data=conll  [ner]\n")
    assert "\n  data.corpus.label_column  null " in text
    assert "most words of a batch, padding included" in text
    for same in (["conll"], ["data=conll"]):
        assert _listed(capsys, *same) == text
    content = _content(capsys, "trainer", "cpu")
    keys = {key["key"]: key for key in content["keys"]}
    assert keys["trainer.accelerator"]["default"] == "cpu"
    assert keys["trainer.max_steps"]["comment"] == "optimizer updates; the unit of a fair comparison"
    assert "\n  task.clip_norm " in _listed(capsys, "ner")
    assert "with model=ner_model data=bible_names tokenizer=words" in _listed(capsys, "ner")
    assert "model.cross_attention=NAME: of attention" in _listed(capsys, "transformer")
    assert "\n  seed " in _listed(capsys, "train")
    assert "hydra" not in _listed(capsys, "train")
    assert "\n  hydra.launcher.workers  null  " in _listed(capsys, "hydra/launcher", "local")


def test_a_name_of_several_groups_is_shown_in_each(capsys: pytest.CaptureFixture[str]) -> None:
    text = _listed(capsys, "cosine")
    assert text.startswith("attention=cosine")
    assert "\n\nscheduler=cosine" in text


def test_chinese_is_shown_where_it_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = Path("mine/data/zigzag.yaml")
    mine.parent.mkdir(parents=True)
    mine.write_text("# Mine.\n# zh: 我的。\na: 1   # one\n       # zh: 一\nb: 2   # two\n", encoding="utf-8")
    monkeypatch.setattr("attnlab.commands.list.command.wanted", lambda: "zh")
    text = _listed(capsys, "data", "zigzag", "--config-dir", "mine")
    assert "  我的。\n" in text
    assert "  data.a  1  一\n  data.b  2  two\n" in text
    assert "我的。" in _listed(capsys, "data", "--config-dir", "mine")
    assert '"Mine."' in _listed(capsys, "data", "zigzag", "--config-dir", "mine", "--json")  # the same everywhere


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["conl"], "no such group or name, got 'conl' (did you mean conll?) (attnlab list names all)"),
        (["data", "conl"], "no data is named 'conl' (did you mean conll?) (attnlab list data names all)"),
        (["grid", "conll"], "only a group has names, got grid conll (drop conll)"),
        (["runs", "nowhere"], "no such folder, got nowhere (give a folder with runs"),
        (["runs", "."], "no run is there, got . (give a folder with runs"),
    ],
)
def test_what_is_not_there_is_one_line(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", *arguments]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(f"error: {said}")
    assert printed.count("\n") == 1


def test_a_name_shows_its_papers_with_where_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    shown = (
        "  Bahdanau et al., 2015: Neural Machine Translation by Jointly Learning to Align and Translate\n"
        "    https://arxiv.org/abs/1409.0473\n"
    )
    for arguments in (["attention", "additive"], ["attention_seq2seq"]):
        assert shown in _listed(capsys, *arguments)
    assert "papers:" not in _listed(capsys, "attention", "identity")
    (paper,) = _content(capsys, "attention", "additive")["papers"]
    assert paper["key"] == "bahdanau2015translation"
    assert paper["year"] == 2015
    assert paper["link"] == "https://arxiv.org/abs/1409.0473"
    assert paper["bibtex"].startswith("@inproceedings{bahdanau2015translation,\n  author = {Bahdanau, Dzmitry and Cho")


def test_a_paper_of_ones_own_that_is_nowhere_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "mine" / "attention"
    folder.mkdir(parents=True)
    (folder / "zigzag.yaml").write_text("# Zigzag.\n# papers: zig2031\n_target_: zigzag.Zigzag\n", encoding="utf-8")
    assert cli.main(["list", "zigzag", "--config-dir", "mine"]) == 2
    assert "got zig2031 (write it into mine/references.bib)" in capsys.readouterr().err
