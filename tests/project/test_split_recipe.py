"""The command of README.md that makes three files of one: every pair once, a header in none or in all, and so again."""

import subprocess
from pathlib import Path

from page_lines import ROOT, blocks


def test_one_file_of_pairs_becomes_three(tmp_path: Path) -> None:
    (command,) = (each for each in blocks("README.md") if (each.language, each.heading) == ("bash", "Data"))
    pairs = [f"word {number}\tmot {number}" for number in range(646)]
    (tmp_path / "pairs.tsv").write_text("\n".join(["english\tfrench", *pairs]) + "\n")

    def split() -> dict[str, list[str]]:
        subprocess.run(["bash", "-euo", "pipefail", "-c", command.text], cwd=tmp_path, check=True)
        return {name: (tmp_path / f"{name}.tsv").read_text().splitlines() for name in ("train", "val", "test")}

    found = split()
    assert {name: len(lines) for name, lines in found.items()} == {"train": 516, "val": 65, "test": 65}
    assert sorted(line for lines in found.values() for line in lines) == sorted(pairs)
    assert split() == found

    first = "head -n 1 pairs.tsv | tee train.tsv val.tsv > test.tsv"
    assert f"`{first}`" in (ROOT / "README.md").read_text(encoding="utf-8")
    kept = f"{first}\n{command.text.replace('print >', 'print >>')}"
    subprocess.run(["bash", "-euo", "pipefail", "-c", kept], cwd=tmp_path, check=True)
    for name, lines in found.items():
        assert (tmp_path / f"{name}.tsv").read_text().splitlines() == ["english\tfrench", *lines]
