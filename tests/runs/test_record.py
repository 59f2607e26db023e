"""What stands in `metrics.json` was measured."""

from pathlib import Path

import pytest
from same_run import metrics
from tiny_summaries import run, write_corpus

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.mark.parametrize("limit, signed, scored", [("null", True, 7), ("0", False, 0)])
def test_a_baseline_is_signed_only_where_the_test_scored_it_and_a_part_is_said_to_be_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], limit: str, signed: bool, scored: int
) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    limits = [f"trainer.limit_test_batches={limit}", "trainer.limit_val_batches=1", "trainer.val_check_interval=2"]
    assert run(corpus, "output_dir=run", "trainer.max_steps=2", *limits) == 0
    printed = capsys.readouterr().out
    found = metrics(Path("run"))
    assert any(name.startswith("lead_") for name in found["test"]) is signed
    assert ("lead" in found["signatures"]) is signed
    assert found["test_examples"] == {"scored": scored, "of": 7}
    assert 0 < found["val_examples"]["scored"] < found["val_examples"]["of"] == 13
    assert f" at update 2, of {found['val_examples']['scored']} of 13 val examples (trainer.limit_val" in printed
    assert Path("run/examples.jsonl").exists() is signed
    message = "scores are of 0 of 7 test examples (trainer.limit_test_batches)"
    assert [each["message"] for each in found["warnings"] if each["kind"] == "partial_test"] == [message][signed:]
    assert (message in printed) is not signed
