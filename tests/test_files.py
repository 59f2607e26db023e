"""Files: whole or as they were, one process at a time, and a lock ends with its process."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from attnlab.errors import UserError
from attnlab.files import (
    append_rows,
    check_reachable,
    in_turn,
    is_locked,
    locked,
    naming,
    remove_drafts,
    unwritable,
    write_lines,
    write_text,
    write_whole,
    writing,
)


def test_a_file_is_replaced_and_its_folder_made() -> None:
    for content in (b"old", b"\x00\r\n\xff"):
        assert write_whole(Path("a/b/file"), content) == Path("a/b/file")
        assert Path("a/b/file").read_bytes() == content
    assert [path.name for path in Path("a/b").iterdir()] == ["file"]


def test_standard_output_and_pipes_are_written_to_and_stay(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from attnlab.files import write_text; write_text(Path(sys.argv[1]), 'a')"
    )
    with Path("out").open("w") as file:
        file.write("before ")
        file.flush()
        for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
            subprocess.run([sys.executable, "-c", code, name], stdout=file, check=True)
    assert Path("out").read_text() == "before aaa"
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen([sys.executable, "-c", code, str(pipe)]) as writer:
        assert pipe.read_text() == "a"
        assert writer.wait() == 0
    assert pipe.is_fifo()


def test_a_file_whose_writing_fails_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    write_text(Path("file"), "old")

    def fill(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:1])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(Path, "write_bytes", fill)
    with pytest.raises(OSError, match="No space left on device: 'file'"):
        write_text(Path("file"), "new")
    assert Path("file").read_text() == "old"
    assert [path.name for path in Path().iterdir()] == ["file"]


def test_rows_are_added_and_an_error_of_the_disk_names_the_table() -> None:
    append_rows(Path("table.csv"), ["a", "b"], [(1, 2)])
    append_rows(Path("table.csv"), ["a", "b"], [(3, "x,y")])
    assert Path("table.csv").read_text() == 'a,b\n1,2\n3,"x,y"\n'
    with pytest.raises(OSError, match=r"No space left on device: 'table\.csv'"), naming(Path("table.csv")):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # as of a write


def test_bytes_of_a_file_name_come_back_from_json() -> None:
    name = os.fsdecode(b"caf\xe9 \xe7\x8c\xab.png")
    write_text(Path("file"), json.dumps({"input": name}, ensure_ascii=False))
    assert json.loads(Path("file").read_text(encoding="utf-8")) == {"input": name}


def test_what_cannot_be_written_is_one_line_with_a_remedy() -> None:
    Path("taken").touch()
    with pytest.raises(UserError) as refusal, writing(Path("taken/file"), remedy="set --out"):
        write_text(Path("taken/file"), "x")
    assert str(refusal.value) == "can't write taken/file: taken is a file and no folder (set --out)"
    with pytest.raises(UserError, match="mine"), writing("to taken", remedy="set output_dir"):
        raise UserError("mine")
    with pytest.raises(UserError) as refusal, writing("to taken/run", remedy="set output_dir"):
        write_text(Path("taken/run/file"), "x")
    assert str(refusal.value) == "can't write to taken/run: taken is a file and no folder (set output_dir)"
    error = PermissionError(errno.EACCES, "Permission denied", "taken")
    assert str(unwritable("to taken", error, remedy="go")) == "can't write to taken: Permission denied (go)"
    full = OSError(errno.ENOSPC, "No space left on device", "x")
    assert str(unwritable("x", full, remedy="go")) == "can't write x: No space left on device (make room, or go)"


def _holder(code: str) -> "subprocess.Popen[str]":
    """A process that has locked the folder `run` and says so; `code` is what it does then."""
    script = f"import os, sys, time\nfrom pathlib import Path\nfrom attnlab.files import in_turn, locked\n{code}"
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_folder_is_refused_while_another_process_has_it_and_free_after_kill_9() -> None:
    holder = _holder("with locked(Path('run')):\n print('held', flush=True)\n time.sleep(600)")
    try:
        with pytest.raises(UserError) as refusal, locked(Path("run")):
            pass
        assert str(refusal.value) == "another process is training in run (wait for it, or set output_dir)"
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    with locked(Path("run")):
        assert [path.name for path in Path("run").iterdir()] == [".lock"]
    assert Path("run/.lock").is_file(), "others may wait for this very file"


def test_a_process_forked_meanwhile_does_not_keep_a_folder() -> None:
    holder = _holder(
        "with locked(Path('run')):\n"
        " if (child := os.fork()) == 0:\n  os.close(1)\n  time.sleep(600)\n"
        " print('held', flush=True)\n print(child, flush=True)\n time.sleep(600)"
    )
    assert holder.stdout is not None
    child = int(holder.stdout.readline())
    try:
        holder.kill()
        holder.communicate()
        with locked(Path("run")):
            pass
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_folder_is_had_once_within_a_process_too() -> None:
    with locked(Path("run")), pytest.raises(UserError, match="another process"), locked(Path("run")):
        pass


def test_a_file_is_waited_for() -> None:
    holder = _holder(
        "with in_turn(Path('file')):\n print('held', flush=True)\n time.sleep(0.5)\n Path('done').touch()\n os._exit(0)"
    )
    with in_turn(Path("file")):
        assert Path("done").exists()
    assert Path("file.lock").is_file()
    holder.communicate()


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK, errno.EINVAL])
def test_a_file_system_without_locks_is_tolerated_and_said(
    number: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with locked(Path("run")), in_turn(Path("file")):
        assert Path("run/.lock").exists()
    assert "this file system has no locks: two processes at once would mix what they write to run" in caplog.text


def test_a_lock_that_cannot_be_opened_names_its_file() -> None:
    Path("run/.lock").mkdir(parents=True)
    with pytest.raises(IsADirectoryError) as failure, locked(Path("run")):
        pass
    assert failure.value.filename is not None


def test_a_lock_that_is_a_link_is_followed_nowhere() -> None:
    Path("run").mkdir()
    Path("others").write_text("theirs")
    for leads_to in ("../others", "../nowhere"):
        Path("run/.lock").symlink_to(leads_to)
        with pytest.raises(UserError, match=r"got the link run/.lock \(delete it\)$"), locked(Path("run")):
            pass
        Path("run/.lock").unlink()
    assert Path("others").read_text() == "theirs"
    assert not Path("nowhere").exists()


def test_what_goes_wrong_in_a_locked_folder_is_passed_on_and_frees_it() -> None:
    with pytest.raises(OSError, match="mine"), locked(Path("run")):
        raise OSError("mine")
    with locked(Path("run")):
        pass


def test_a_locked_folder_is_seen_to_be_and_asking_frees_and_holds_nothing() -> None:
    assert not is_locked(Path("run"))
    with locked(Path("run")):
        assert is_locked(Path("run"))
        assert is_locked(Path("run"))
    assert not is_locked(Path("run"))
    assert Path("run/.lock").read_bytes() == b""


def test_lines_are_written_one_after_another_and_whole_or_not_at_all() -> None:
    write_lines(Path("file"), (f"line {number} é" for number in range(3)))
    assert Path("file").read_bytes().decode() == "line 0 é\nline 1 é\nline 2 é\n"

    def broken() -> Iterator[str]:
        yield "new"
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write_lines(Path("file"), broken())
    assert Path("file").read_text(encoding="utf-8").startswith("line 0")
    assert [path.name for path in Path().iterdir()] == ["file"]


def test_what_a_killed_writer_left_is_removed_and_nothing_else() -> None:
    kept = [Path("run/.lock"), Path("run/.hydra/config.yaml"), Path("run/metrics.json"), Path("run/maps/.v1.2.png")]
    drafts = [Path("run/.metrics.json.123.456"), Path("run/maps/.a.png.1.2")]
    for path in (*kept, *drafts):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    remove_drafts(Path("run"))
    assert [path.exists() for path in kept] == [True] * 4
    assert not any(path.exists() for path in drafts)


def test_what_cant_be_written_is_told_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(UserError, match=r"^can't write /proc/new/page.html: nothing can be made there \(set --out\)$"):
        check_reachable(Path("/proc/new/page.html"), remedy="set --out")
    check_reachable(tmp_path / "new" / "page.html", remedy="set --out")
    with pytest.raises(UserError, match=r"x.html: .*taken is a file and no folder \(set --out\)$"):
        check_reachable(tmp_path / "taken" / "deep" / "x.html", remedy="set --out")
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]
