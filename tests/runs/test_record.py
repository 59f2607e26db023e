"""What stands in `metrics.json` was measured."""

from pathlib import Path

import pytest
from same_run import metrics
from tiny_summaries import run, write_corpus

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.mark.parametrize("limit, signed", [("null", True), ("0", False)])
def test_a_baseline_is_signed_only_where_the_test_scored_it(tmp_path: Path, limit: str, signed: bool) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    assert run(corpus, "output_dir=run", "trainer.max_steps=2", f"trainer.limit_test_batches={limit}") == 0
    found = metrics(Path("run"))
    assert any(name.startswith("lead_") for name in found["test"]) is signed
    assert ("lead" in found["signatures"]) is signed
