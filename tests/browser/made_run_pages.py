"""Pages of one run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

from made_answers import ANSWERS, PICTURES
from made_maps import place_examples
from made_subjects import made_run, write_answers_of

from attnlab.reporting.charts import library
from attnlab.reporting.pages.linked_maps import RunMaps
from attnlab.study.html import of_run

RECORD: dict[str, Any] = {
    "name": "a_run_of_a_long_name_" + "with_overrides_" * 9,
    "warnings": [{"key": "k", "message": "A warning with <b>markup</b>."}],
    "signatures": {"accuracy": "counted|<as>|ever"},
    "parameters": {"total": 12345},
    "attention_slots": {"encoder": "additive"},
    "versions": {"attnlab": "1", "torch": "2"},
}


class _Run:
    """Stands for a run that can be tested again."""

    config: ClassVar[dict[str, Any]] = {"task": {}}
    changed: ClassVar[str | None] = None

    def __init__(self, folder: Path, *, trust: tuple[str, ...]) -> None: ...

    def maps(self) -> RunMaps:
        return {"examples": place_examples(0), "why": None}

    def image(self, number: int) -> Any:
        address, (width, height) = PICTURES[number % len(PICTURES)]
        return {"address": address, "width": width, "height": height}


def _of_pictures(folder: Path) -> str:
    run = made_run(folder, 0.6, 3, **RECORD)
    write_answers_of(run.folder, ANSWERS["pictures"])
    with patch.object(of_run, "TestedRun", _Run), patch.object(library, "installed", lambda: True):
        return of_run.page_of_run(run.folder)


def _without_maps(folder: Path) -> str:
    run = made_run(folder, 0.6, 3)
    write_answers_of(run.folder, ANSWERS["tags"])
    with patch.object(library, "installed", lambda: False):
        return of_run.page_of_run(run.folder)


RUN_PAGES: dict[str, Callable[[Path], str]] = {
    "run_of_pictures": _of_pictures,
    "run_without_maps": _without_maps,
}
