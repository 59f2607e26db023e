"""What all tests share."""

import logging
import os
import re
import signal
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from fork_server import ForkServer

from attnlab.config.trusted_files import torch_is_safe, trust_all

# Before anything imports torch: two tests at once on few cores are slower with more threads each.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["WANDB_MODE"] = "offline"
# What is said is said in English, unless a test asks for Chinese, whatever language its developer speaks.
for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
    if os.environ.get(name, "").startswith("zh"):
        del os.environ[name]

# What a shell starts in the background ignores Ctrl-C, and what nohup starts the hang-up; tests send both.
for number, usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, usual)

if not torch_is_safe():  # in torchtext's environment
    trust_all()  # what tests have written

TOO_FEW = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--torchtext", type=int, metavar="N", help="run the tests that need torchtext: no fewer than N")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """In torchtext's environment files without a test for it aren't even imported: they may need what isn't there."""
    if config.getoption("--torchtext") is None or not collection_path.match("test_*.py"):
        return None
    return re.search(r"\bmark\.(text|torchtext)\b", collection_path.read_text(encoding="utf-8")) is None or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `torchtext` run in its own environment, where none of them may be left out unseen."""
    marked = [item for item in items if item.get_closest_marker("torchtext")]
    wanted = config.getoption("--torchtext")
    if wanted is not None:
        if len(marked) < wanted:
            config.stash[TOO_FEW] = f"{wanted} tests or more need torchtext, got {len(marked)} (set --torchtext)"
    elif find_spec("torchtext") is None:
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="needs torchtext: make test-torchtext"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Only here, and as a failure, does a process of several say why it ends."""
    if too_few := item.config.stash.get(TOO_FEW, ""):
        item.session.shouldstop = too_few
        pytest.fail(too_few, pytrace=False)


@pytest.fixture
def in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said is said in Chinese."""
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test runs in a folder of its own, so that `outputs/` and caches never leak between tests, nor logs there."""
    monkeypatch.chdir(tmp_path)
    yield
    for each in list(logging.getLogger().handlers):
        # All but pytest's own.
        if isinstance(each, logging.FileHandler) and each.baseFilename != os.devnull:
            logging.getLogger().removeHandler(each)
            each.close()


@pytest.fixture(scope="session")
def server() -> Iterator[ForkServer]:
    """One for each of pytest's processes: it takes longer to start than most tests."""
    with ForkServer() as server:
        yield server
