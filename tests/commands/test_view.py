"""`attnlab view`: a page, or one line."""

from pathlib import Path

import pytest

from attnlab.commands import cli
from attnlab.study.html import of_run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(of_run, "page_of_run", lambda folder, *, trust: f"<p>{folder.name} {trust}</p>")
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def test_the_page_lies_in_the_runs_folder_or_where_it_is_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["view", str(folder)]) == 0
    assert capsys.readouterr().out == f"{folder / 'view.html'}\n"
    assert (folder / "view.html").read_text() == "<p>run ()</p>"
    assert cli.main(["view", str(folder), "--out", "a/b.html", "--trust", "mine"]) == 0
    assert Path("a/b.html").read_text() == "<p>run ('mine',)</p>"


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["nosuch"], "no such run folder or checkpoint, got nosuch; no run lies below"),
        (["run", "--out", "run"], "a page is a file, got the folder run (set --out)"),
        (
            ["run", "--out", "taken/deep/x.html"],
            "can't write taken/deep/x.html: taken is a file and no folder (set --out)",
        ),
        (["run", "--out", "/proc/page.html"], "can't write /proc/page.html"),
    ],
)
def test_what_cannot_be_is_one_line(
    arguments: list[str], said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("taken").write_text("")
    assert cli.main(["view", *arguments]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith(f"error: {said}")
    assert printed.count("\n") == 1
