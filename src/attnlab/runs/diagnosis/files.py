"""`diagnostics.json` and, by example, `diagnostics.jsonl` in a run's folder."""

import json
from pathlib import Path
from typing import Any

from attnlab.config import identity
from attnlab.data.module import DataModule
from attnlab.files import write_text, writing
from attnlab.metrics.records.contract import DIAGNOSTICS, DIAGNOSTICS_BY_EXAMPLE, run_of
from attnlab.reading.bounds import read_json
from attnlab.runs import example_records
from attnlab.runs.diagnosis.diagnose import Diagnosis

SCHEMA = 1


def write(folder: Path, found: Diagnosis, data: DataModule) -> bool:
    """Write them beside the run's record; False where the test isn't the run's own, or the run isn't finished.

    The first names the run that it is of, as far as another command could put another in its place.

    Raises:
        UserError: they can't be written.
    """
    metrics = _metrics(folder)
    whole = metrics.get("test_examples", {}).get("scored") == found.num_examples
    if not whole or not _same(metrics.get("data", {}), data):
        return False
    said = {
        "schema": SCHEMA,
        "results": identity.RESULTS,
        "of": run_of(metrics),
        **found.plain(),
        "signatures": found.signatures,
    }
    with writing(f"to {folder}", remedy="make it writable, or copy the run"):
        (folder / DIAGNOSTICS).unlink(missing_ok=True)  # or it would stand beside the other's new examples
        example_records.write(folder, found.records, data, signatures=found.signatures, name=DIAGNOSTICS_BY_EXAMPLE)
        write_text(folder / DIAGNOSTICS, json.dumps(said, indent=1, ensure_ascii=False) + "\n")
    return True


def _same(recorded: dict[str, Any], data: DataModule) -> bool:
    """Whether the test is what is on record; it may have been read without the other splits."""
    return recorded.get("checksum") == data.checksum or (
        data.test_checksum is not None and recorded.get("test_checksum") == data.test_checksum
    )


def _metrics(folder: Path) -> dict[str, Any]:
    try:
        found = read_json(folder / "metrics.json")
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
