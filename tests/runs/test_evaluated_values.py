"""What may be changed where a run is tested; what a test doesn't read is refused, and at once."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from attnlab.config.compose import compose_run
from attnlab.config.identity import without_nulls
from attnlab.errors import UserError
from attnlab.runs.build import plain
from attnlab.runs.evaluated_values import OF_TRAINING, check_changes, overridden


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    return without_nulls(plain(compose_run(["task=translation"])))


@pytest.mark.parametrize(
    "override, said",
    [
        ("trainer.max_steps=5", "a test reads nothing of trainer.max_steps, which is of training, got trainer.max_ste"),
        ("data.tokenizer.vocab_size=5", "a test reads nothing of data.tokenizer.vocab_size"),
        ("task.clip_norm=5", "a test reads nothing of task.clip_norm"),
        ("max_steps=5", "got 'max_steps=5'; trainer.max_steps is of training (drop it)"),
        ("data=bible_en_es", "write data.root=FOLDER"),
        ("attention=uniform", "attention is chosen where a run is trained (drop it, or train with it)"),
        ("trainer=cpu", "(drop it, or write trainer.KEY=VALUE)"),
        ("model.dim=3", "the model is as it was trained (drop it)"),
        ("beam_size=3", "(did you mean task.beam_size?)"),
        ("task.beam_sise=3", "no key 'task.beam_sise' (did you mean task.beam_size?)"),
        ("task.beam_size=many", "task.beam_size must be a whole number, got 'many'"),
        ("data", "(write data.KEY=VALUE)"),
    ],
)
def test_what_a_test_cant_take_is_one_line(override: str, said: str, config: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    for check in (lambda: check_changes([override], tmp_path), lambda: overridden(config, [override])):
        with pytest.raises(UserError) as caught:
            check()
        assert said in str(caught.value)


def test_what_a_test_reads_may_be_changed(config: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    Path("elsewhere").mkdir()
    given = ["data.root=elsewhere", "task.beam_size=1", "trainer.limit_test_batches=2", "trainer.threads=1"]
    check_changes([*given, "extractor=shapes", "extractor.run=x"], tmp_path)
    check_changes(given, tmp_path / "a_checkpoint_alone.ckpt")
    changed = overridden(config, given)
    assert changed["data"]["root"] == "elsewhere"
    assert changed["task"]["beam_size"] == 1
    assert changed["model"] == config["model"]


@pytest.mark.parametrize("trained, given", [(".", "[a.txt,b.txt]"), (["a.txt", "b.txt"], "c.txt")])
def test_other_files_may_be_one_or_several(trained: str | list[str], given: str, tmp_path: Path) -> None:
    corpus = {"_target_": "attnlab.data.TextFiles", "test": trained}
    config: dict[str, Any] = {"data": {"corpus": corpus}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    check_changes([f"data.corpus.test={given}"], tmp_path)
    changed = overridden(config, [f"data.corpus.test={given}"])
    assert changed["data"]["corpus"]["test"] == (given if given == "c.txt" else ["a.txt", "b.txt"])


def test_every_key_of_training_is_one_of_some_task_or_data() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in Path(__file__).parents[2].glob("conf/*/*.yaml"))
    assert [key for keys in OF_TRAINING.values() for key in keys if f"{key}:" not in text] == []


def test_a_mistake_is_told_before_torch_is_loaded(tmp_path: Path, config: dict[str, Any]) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    code = (
        "import sys; from attnlab.commands.cli import main\n"
        f"assert main(['evaluate', {str(tmp_path)!r}, 'trainer.max_steps=5']) == 2\n"
        "assert not {'torch', 'lightning'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
