"""A run composed and trained from Python, and what is shown of it."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tiny import tiny, write_corpus
from tiny_tasks import build_tiny, config_of, store

import attnlab

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module")
def overrides(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("trained")
    places = [f"output_dir={folder / 'run'}", f"data.cache_dir={folder / 'cache'}"]
    return tiny(write_corpus(folder / "corpus"), *places)[1:]


@pytest.fixture(scope="module")
def trained(overrides: list[str]) -> attnlab.Run:
    before = list(logging.root.handlers)
    run = attnlab.train(overrides)
    assert logging.root.handlers == before
    return run


def test_a_configuration_is_composed_and_checked() -> None:
    assert attnlab.compose(["task=ner", "model.dim=12"]).model.dim == 12
    with pytest.raises(attnlab.UserError, match=r"no key 'model.dmi' \(did you mean model.dim\?\)"):
        attnlab.compose(["model.dmi=12"])
    assert attnlab.compose("task=ner", "model.dim=12") == attnlab.compose(["task=ner", "model.dim=12"])
    assert attnlab.compose("task=ner").task == attnlab.compose(["task=ner"]).task
    with pytest.raises(attnlab.UserError, match=r"an override must be a text KEY=VALUE, got 3"):
        attnlab.compose("task=ner", 3)  # type: ignore[arg-type]  # the mistake


def test_a_run_is_named_in_an_override_as_everywhere() -> None:
    run = Path("outputs/ner/a/3fa1234567")
    run.mkdir(parents=True)
    (run / "config.json").write_text("{}")
    for name in ("last", "3fa", str(run)):
        assert attnlab.compose("task=ner", f"init_from={name}").init_from == str(run)
    with pytest.raises(attnlab.UserError, match=r"no such run folder or checkpoint, got 44 .* \(set init_from\)"):
        attnlab.compose("init_from=44")
    with pytest.raises(attnlab.UserError, match=r"goes on by the overrides that it began with, got resume=last \(give"):
        attnlab.train("resume=last")


def test_the_scores_are_the_runs_and_come_again(trained: attnlab.Run) -> None:
    again = trained.model().score().scores
    assert trained.scores == pytest.approx({name: again[name] for name in trained.scores})


def test_training_it_again_reports_it(
    trained: attnlab.Run, overrides: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert attnlab.train(overrides).record == trained.record
    assert "this run is finished" in capsys.readouterr().out


def test_curves_and_maps_are_pictures(trained: attnlab.Run) -> None:
    history = trained.history()
    assert [step for step, _ in history["val/loss"]] == [4, 8]
    for named in (history, trained.scores):
        with pytest.raises(KeyError, match=r"no 'val_loss' \(did you mean (val/)?loss.*it has"):
            named["val_loss"]
    drawings = [*trained.curves(), *trained.maps()]
    assert drawings[0].name == "curves"
    assert all(each._repr_png_().startswith(b"\x89PNG") for each in drawings)
    assert str(trained.folder) in trained._repr_html_()


def test_where_nothing_can_be_written_is_told_with_the_key_to_set() -> None:
    overrides = ["experiment=translation_quickstart", "logger.wandb=null", "output_dir=/proc/x"]
    with pytest.raises(attnlab.UserError, match=r"^can't write /proc/x: .* \(set output_root, or output_dir\)$"):
        attnlab.train(overrides)


def test_a_folder_without_a_finished_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(attnlab.UserError, match=r"a finished run's folder has a metrics.json"):
        attnlab.Run(tmp_path)


def _code(page: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(import attnlab.*?|(?!#).*?)^```$", text, re.MULTILINE | re.DOTALL)


def _uncommented(code: str) -> str:
    """Without what each language says in its own words."""
    return re.sub(r"(?m)^ *# .*\n|  # .*$", "", code)


def test_the_pages_code_runs_as_it_stands(trained: attnlab.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def composed(*overrides: str | Sequence[str]) -> attnlab.Run:
        assert attnlab.compose(*overrides).model.dim > 0
        return trained

    monkeypatch.setattr(attnlab, "train", composed, raising=False)
    places: dict[str, Any] = {"RUN": trained.folder}
    for name, task in {"NER_RUN": "ner", "IMAGE_RUN": "image_classification", "GAN_RUN": "image_generation"}.items():
        config = config_of(task)
        places[name] = store(Path(f"{task}.ckpt"), build_tiny(task, config), config)
    code = _code("docs/python.md")
    assert len(code) == 11
    assert [_uncommented(each) for each in code] == [_uncommented(each) for each in _code("docs/python.zh.md")]
    for block in [*code, *(each for each in _code("README.md") if each.startswith("import attnlab"))]:
        exec(compile(block, "docs/python.md", "exec"), places)
    assert all(Path(f"{name}.png").is_file() for name in ("map", "local"))
