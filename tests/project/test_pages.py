"""Every block of code of the pages for users: run as it stands, or its reason, and the same in both languages.

Commands that train, and slow ones, are run by `make test-docs`.
"""

import faulthandler
import json
import os
import re
import sys
from pathlib import Path

import pytest
from fork_server import ForkServer
from page_lines import PAGES, ROOT, Block, blocks, commands, in_chinese, is_recipe, of_language
from page_workplace import Workplace, few, trained, write_study

from attnlab.study import design

# Commands that aren't run, and why.
NOT_RUN = {
    r"make [\w -]+( ARGS=.*)?|source \.venv/bin/activate": "what sets up, tests and writes the project is for .ci/run",
    r"pip install .*": "needs an index of packages; tests/config/test_conf.py knows its extras",
    r"(sbatch|squeue|tail) .*|attnlab study NAME hydra/launcher=slurm .*": "needs SLURM: make test-slurm",
    r"wandb .*": "needs an account",
}
TRAINING = r"attnlab train .*"  # run by tests/project/test_page_training.py
SLOW = r"attnlab (study|figures|export|check|view) .*|.* --(diagnose|html|metric deletion)\b.*|.*/studies/.*"
# Blocks that other tests run, by page and heading; no heading: all of the page.
ELSEWHERE = {
    ("README.md", "From Python"): "tests/api/test_training.py",
    ("README.md", "Data"): "tests/project/test_split_recipe.py",
    ("README.md", "Add your own mechanism"): "tests/project/test_own_mechanism.py",
    ("docs/image_data.md", ""): "tests/tiny/page_pictures.py",
    ("docs/python.md", ""): "tests/api/test_training.py",
    ("docs/verdicts.md", ""): "tests/study/statistics/test_page.py",
}
HERE = ("docs/records.md", "docs/studies.md")
# What a study's runs have in common, so that two updates of it take no minutes.
LIMITS = ["trainer.limit_val_batches=1", "trainer.limit_test_batches=1"]
LONGEST = 900  # seconds of a command; pytest ends its own watch, and this, with the test
ALL = bool(os.environ.get("ATTNLAB_TEST_DOCS"))


def _is(command: str, pattern: str) -> bool:
    return re.fullmatch(pattern, command) is not None


def _run_here() -> list[str]:
    """Those that are neither left out nor of training."""
    return [each for each in commands() if not any(_is(each, pattern) for pattern in (*NOT_RUN, TRAINING))]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, server: ForkServer) -> Workplace:
    return trained(tmp_path_factory.mktemp("pages"), server)


def _shown(block: Block) -> tuple[str, ...]:
    """What isn't translated; comments, and pictures of folders, are."""
    if block.language == "console":
        return ("console", *block.commands)
    return (block.language, re.sub(r"(?m)^ *# .*\n|  # .*$", "", block.code) if block.language else "")


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_show_the_same_code(page: str) -> None:
    assert [_shown(each) for each in blocks(page)] == [_shown(each) for each in blocks(in_chinese(page))]


@pytest.mark.parametrize("page, minutes", [("README.md", "minutes on one core"), ("README.zh.md", "一个核上")])
def test_the_first_command_says_what_its_experiment_was_measured_to_take(page: str, minutes: str) -> None:
    recipe = (ROOT / "conf" / "experiment" / "translation_quickstart.yaml").read_text(encoding="utf-8")
    (cost,) = re.findall(r"^# cost +(\d+) minutes a run on one core", recipe, re.MULTILINE)
    (steps,) = re.findall(r"^  max_steps: (\d+)$", recipe, re.MULTILINE)
    first = next(block for block in blocks(page) if block.language == "console").text
    assert minutes in first
    assert re.search(rf"\b{cost} ?(minutes|分钟)", first)
    assert f"{int(steps):,}" in first


def test_every_command_is_run_or_has_a_reason() -> None:
    strange = [each for each in _run_here() if not _is(each, r"attnlab .*|ls .*|cat .*")]
    assert not strange, "say in NOT_RUN why"


def test_no_reason_is_left_over() -> None:
    for pattern in (*NOT_RUN, SLOW, TRAINING):
        assert any(_is(each, pattern) for each in commands()), pattern


def test_every_other_block_is_run_somewhere() -> None:
    others = [block for page in PAGES for block in blocks(page) if block.language != "console" and not is_recipe(block)]
    for block in others:
        place = ELSEWHERE.get((block.page, block.heading)) or ELSEWHERE.get((block.page, ""))
        assert place or block.page in HERE, f"nothing runs {block.page}: {block.text[:60]!r}"
        assert place is None or Path(block.page).name in (ROOT / place).read_text(encoding="utf-8")


def test_commands_work_as_they_stand(place: Workplace) -> None:
    """All in one folder, one after another; each has as long as pytest gives a test."""
    failed = []
    for command in _run_here():
        if ALL or not _is(command, SLOW):
            faulthandler.dump_traceback_later(LONGEST, file=sys.__stderr__, exit=True)
            try:
                _run(place, command)
            except AssertionError as error:  # the others are wanted, too
                failed.append(f"{command}\n{error}")
    assert not failed, "\n\n".join(failed)


def _run(place: Workplace, command: str) -> None:
    if command.endswith("--metric deletion"):  # as the page says, once they are diagnosed; a study's take minutes
        for run in (each for each in place.runs("translation") if "/tiny/" in each):
            place.attnlab(["evaluate", run, "--diagnose"])
    (place.names["outputs/studies/NAME/HASH"],) = place.studies("NAME") or ["outputs/studies/NAME/HASH"]
    place.run(command, *_more(place, command))


def _more(place: Workplace, command: str) -> list[str]:
    """What makes a study of a few updates of it, and says where its file is."""
    study = re.match(r"attnlab study (\w+)", command)
    if study is None:
        return []
    where = ["--config-dir", "my_configs"] if study[1] == "NAME" and "--config-dir" not in command else []
    if "--dry-run" in command and "--probe" not in command:
        return where
    seeds = "seeds=[0,3]" if study[1] == "NAME" else "seeds=1"
    base = list(design.load(study[1], config_dirs=[str(place.folder / "my_configs")]).base)
    quoted = ",".join(f"'{each}'" for each in [*base, *few(base), *LIMITS])
    return [*where, seeds, "budget.updates=2", "ablations=none", f"base=[{quoted}]"]


def test_the_page_of_records_reads_a_run(place: Workplace) -> None:
    (line,) = (json.loads(each.text) for each in of_language("json") if each.page == "docs/records.md")
    written = (place.folder / place.names["outputs/ner/NAME/HASH"] / "examples.jsonl").read_text(encoding="utf-8")
    assert [*json.loads(written.splitlines()[1])][: len(line)] == [*line]
    (code,) = (each.text for each in of_language("python") if each.page == "docs/records.md")
    tagger = place.folder / place.names["outputs/ner/NAME/HASH"]
    found: dict[str, object] = {}
    exec(compile(code.replace("outputs/ner/NAME/HASH", str(tagger)), "docs/records.md", "exec"), found)
    assert 0 <= float(str(found["score"])) <= 1


def test_a_study_is_written_as_the_page_has_it(tmp_path: Path) -> None:
    write_study(tmp_path, tuned=True)
    study = design.load("NAME", config_dirs=[str(tmp_path / "my_configs")])
    assert [arm.name for arm in study.arms] == ["uniform", "additive", "none"]
    assert study.tune is not None
    assert study.tune.trials == 8
