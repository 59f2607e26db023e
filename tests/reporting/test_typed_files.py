"""By a typed name nothing of another kind, and nobody else's file, is written over; what attnlab wrote before is."""

import io
import os
from pathlib import Path

import pytest
from torch import nn, ones
from torch.export import export, save

from attnlab.commands import cli
from attnlab.errors import UserError
from attnlab.files import write_text
from attnlab.reporting import figures, pages
from attnlab.reporting.figures.canvas import new_figure
from attnlab.reporting.typed_files import (
    MAP,
    ONNX,
    PAGE,
    PRODUCER,
    SCRIPT,
    TORCH_GRAPH,
    Kind,
    check_typed,
    marked_script,
)


class _PlusOne(nn.Module):
    def forward(self, x):  # type: ignore[no-untyped-def]
        return x + 1


def _graph(*, marked: bool) -> bytes:
    file = io.BytesIO()
    save(export(_PlusOne(), (ones(2),)), file, extra_files={PRODUCER: ""} if marked else {})
    return file.getvalue()


def _onnx(producer: str) -> bytes:
    helper = pytest.importorskip("onnx").helper
    return bytes(helper.make_model(helper.make_graph([], "g", [], []), producer_name=producer).SerializeToString())


def _figure(ending: str, *, of: str) -> bytes:
    return figures.save(new_figure(1, 1), Path(f"drawn.{ending}"), of=of).read_bytes()


def _page() -> bytes:
    return pages.rendered("base.html.j2", {"title": ("a", "b")}).encode()


CHANGED = marked_script("#!/bin/sh\nsleep 3\n").replace("3", "4").encode()


@pytest.mark.parametrize("name", ["page.html", "page.HTM"])
def test_a_page_of_attnlabs_is_written_over_and_no_other(name: str) -> None:
    _holds(PAGE, name, own=_page(), others=[b"<!DOCTYPE html><p>a thesis", b"\xff\xd8\x00"])


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_a_picture_of_any_run_is_written_over_and_no_other(ending: str) -> None:
    _holds(MAP, f"map.{ending}", own=_figure(ending, of="run 1"), others=[_figure(ending, of=""), b"x"])


def test_a_script_is_written_over_unless_it_was_changed_by_hand() -> None:
    script = marked_script("#!/bin/sh\nsleep 3\n")
    assert script.startswith("#!/bin/sh\n# Written by attnlab as it stands, ")
    _holds(SCRIPT, "run.sbatch", own=script.encode(), others=[CHANGED, b"#!/bin/sh\n", b"\xff\xfe"])


def test_a_graph_of_attnlabs_is_written_over_and_no_other() -> None:
    _holds(TORCH_GRAPH, "a.pt2", own=_graph(marked=True), others=[_graph(marked=False), b"PK\x03\x04"])
    _holds(ONNX, "a.onnx", own=_onnx("attnlab"), others=[_onnx("pytorch"), _onnx("attnlab2"), b"x"])


def _holds(kind: Kind, name: str, *, own: bytes, others: list[bytes]) -> None:
    path = Path("out") / name
    check_typed(path, kind, option="--out")
    path.parent.mkdir()
    for content in (b"", own):  # there is nothing to lose of an empty file
        path.write_bytes(content)
        check_typed(path, kind, option="--out")
    for content in others:
        path.write_bytes(content)
        with pytest.raises(UserError) as refused:
            check_typed(path, kind, option="--out")
        assert str(refused.value) == (
            f"{path} is there already, and isn't known to be {kind.what} that attnlab wrote (set --out to another "
            "name, or delete it)"
        )
    path.unlink()
    path.parent.rmdir()


@pytest.mark.parametrize(
    "name, kind, remedy",
    [
        ("thesis.pdf", PAGE, "a page ends in .html or .htm, got thesis.pdf (set --out thesis.html; or else)"),
        ("page", PAGE, "a page ends in .html or .htm, got page (set --out page.html; or else)"),
        ("lr0.1", PAGE, "a page ends in .html or .htm, got lr0.1 (set --out lr0.1.html; or else)"),
        ("a/notes.txt", SCRIPT, "got a/notes.txt (set --out a/notes.sbatch; or else)"),
        ("a.pt", TORCH_GRAPH, "a graph ends in .pt2, got a.pt (set --out a.pt2; or else)"),
        (".", PAGE, "a page is a file, got the folder . (set --out)"),
        ("/proc/nowhere/a.html", PAGE, "can't write /proc/nowhere/a.html: nothing can be made there (set --out)"),
    ],
)
def test_another_kind_of_name_is_refused_with_one_that_fits(name: str, kind: Kind, remedy: str) -> None:
    with pytest.raises(UserError) as refused:
        check_typed(Path(name), kind, option="--out", instead="or else")
    assert str(refused.value).endswith(remedy)


def test_pipes_and_standard_output_are_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/stdout"), Path("/dev/fd/1"), Path("/dev/null")):
        check_typed(path, PAGE, option="--out")


def test_commands_refuse_what_is_nobodys_and_repeat_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["slurm-script", "seed=3", "--out", "run.sbatch"]
    assert [cli.main(command), cli.main([*command, "--time", "1:00:00"])] == [0, 0]
    edited = Path("run.sbatch").read_text().replace("--time=1:00:00", "--time=2:00:00")
    write_text(Path("run.sbatch"), edited)
    capsys.readouterr()
    for given, name in (
        (command, "run.sbatch"),
        (["slurm-script", "seed=3", "--out", "notes.txt"], "notes.txt"),
        (["data", "conll", "--html", "test.tsv"], "test.tsv"),
        (["data", "conll", "--html", "thesis.html"], "thesis.html"),
        (["compare", ".", "--html", "thesis.html"], "thesis.html"),
        (["compare", ".", "--html", "thesis.pdf"], "thesis.pdf"),
        (["predict", "x", "--html", "thesis.html"], "thesis.html"),
        (["predict", "x", "--html", "verses.txt"], "verses.txt"),
        (["predict", "x", "--map", "own.png"], "own.png"),
    ):
        content = edited if name == "run.sbatch" else "mine"
        write_text(Path(name), content)
        assert cli.main(given) == 2
        said = capsys.readouterr().err
        assert (said[:7], said.count("\n")) == ("error: ", 1)
        assert name in said
        assert "is there already" in said or " ends in " in said
        assert Path(name).read_text() == content
