"""The page on verdicts shows what its example prints, and the statistics start without torch."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("page", ["verdicts.md", "verdicts.zh.md"])
def test_the_example_prints_what_stands_below_it(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.search(r"^```python\n(.*?)^```\n\n```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    blocks = found.groups()
    code = blocks[0] + "import sys; assert 'torch' not in sys.modules\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == blocks[1], done.stderr
