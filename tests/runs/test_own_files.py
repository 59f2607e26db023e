"""A set that isn't in the folder given is told with what reads other files, and other mistakes are as they were."""

from typing import Any

import pytest

from attnlab.errors import Fault, UserError
from attnlab.runs.own_files import told_who_reads_own_files

LACKS = "a text file must exist, got d/bible_en_es.tsv.gz, which doesn't (set data.root)"


def _said(error: UserError, *, corpus: str = "BibleEnEs", root: str | None = "d", trained: bool = False) -> str:
    data: dict[str, Any] = {"_target_": "attnlab.data.TranslationDataModule", "root": root}
    config = {"run_path": "translation/a/b", "data": data | {"corpus": {"_target_": f"attnlab.data.{corpus}"}}}
    with pytest.raises(type(error)) as refusal, told_who_reads_own_files(config, trained=trained):
        raise error
    return str(refusal.value)


def test_a_set_of_its_own_files_says_what_reads_others() -> None:
    readers = "data=parallel_table or data=parallel_text"
    start = LACKS.removesuffix(")")
    assert _said(UserError(LACKS)) == f"{start}; files of your own are read by {readers})"
    assert _said(UserError(LACKS), corpus="Multi30k", trained=True) == (
        f"{start}; a test on files of your own is of a run trained with {readers})"
    )


def test_all_else_is_as_it_was() -> None:
    assert _said(UserError(LACKS), corpus="ParallelText") == LACKS
    assert _said(UserError(LACKS), root=None) == LACKS
    assert _said(UserError("no language fr (set data.source)")) == "no language fr (set data.source)"
    assert _said(Fault(LACKS)) == LACKS
