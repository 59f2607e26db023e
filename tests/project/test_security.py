"""SECURITY.md promises nothing that no test holds; and what is secret stands in nothing that a run leaves."""

import gzip
import os
import re
from pathlib import Path

import pytest
import wandb
from tiny import run, write_corpus

from attnlab.commands import cli
from attnlab.commands.doctor import surroundings

ROOT = Path(__file__).parents[2]
TEST = re.compile(r"`(tests/[\w/.]+\.py)`")

SECRETS = {
    "WANDB_API_KEY": "5ec4e7" * 7,
    "HF_TOKEN": "hf_planted_secret_token",
    "AWS_SECRET_ACCESS_KEY": "planted-secret-of-aws",
    "GITHUB_TOKEN": "ghp_plantedsecret",
    "DATABASE_PASSWORD": "planted secret, of words",
}


def _rows(page: str) -> list[list[str]]:
    """The tests of each promise of a page."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    rows = [line.split("|") for line in lines if line.startswith("| ")]
    return [TEST.findall(cells[2]) for cells in rows if cells[2].strip() not in ("held by", "由此保证")]


def test_each_promise_has_its_tests_and_they_are_there() -> None:
    rows = _rows("SECURITY.md")
    assert len(rows) > 8
    for tests in rows:
        assert tests
        for name in tests:
            assert "def test_" in (ROOT / name).read_text(encoding="utf-8"), name


def test_both_languages_promise_the_same() -> None:
    assert _rows("SECURITY.md") == _rows("SECURITY.zh.md")


def test_a_planted_secret_is_found_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    write_corpus(tmp_path / "corpus")
    more = ["logger=default", "output_dir=run", "trainer.max_steps=2", "trainer.val_check_interval=2"]
    try:
        assert run(Path("corpus"), *more) == 0
    finally:
        wandb.teardown()
    assert list(Path("run").glob("wandb/offline-run-*/*.wandb"))
    assert cli.main(["view", "run", "--out", "page.html"]) == 0
    assert cli.main(["slurm-script", "task=ner", "--out", "job.sh"]) == 0
    print(list(surroundings.wandb()))
    printed = capsys.readouterr()
    left = {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    left |= {name: gzip.decompress(content) for name, content in left.items() if name.endswith(".gz")}
    left["printed"] = (printed.out + printed.err).encode()
    assert len(left) > 15
    for name, secret in SECRETS.items():
        assert os.environ[name] == secret
        assert [path for path, content in left.items() if secret.encode() in content] == [], name
