"""What a run meets outside Python: a cluster, wandb, the disk."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from attnlab.commands.doctor.check import Check, Status, one_line
from attnlab.commands.doctor.hardware import GIB
from attnlab.commands.doctor.installed import REINSTALL
from attnlab.language import Words
from attnlab.launch.slurm_queue import reason
from attnlab.reporting.terminal.text import shorten

ANSWER_SECONDS = 5.0
MOST_OF_A_MESSAGE = 90  # columns of what a program says


def slurm() -> Iterator[Check]:
    job = os.environ.get("SLURM_JOB_ID")
    place = f"inside job {job}" if job else "not inside a job"
    in_chinese = f"在作业 {job} 中" if job else "不在作业中"
    missing = [name for name in ("srun", "sbatch") if shutil.which(name) is None]
    if len(missing) == 2:
        chinese = f"这台机器上没有，也只有集群需要它；{in_chinese}"
        yield Check("slurm", "ok", f"not on this machine, and only a cluster needs it; {place}", chinese=chinese)
    elif missing:
        yield Check(
            "slurm",
            "warn",
            f"{missing[0]} isn't on PATH; {place}",
            "load the cluster's slurm module",
            f"PATH 中没有 {missing[0]}；{in_chinese}",
            "加载集群的 slurm 模块",
        )
    else:
        try:
            version = _answer(["srun", "--version"])
            yield Check("slurm", "ok", f"{version}; {place}", chinese=f"{version}；{in_chinese}")
        except (OSError, subprocess.SubprocessError) as error:
            why = _why(error)
            yield Check(
                "slurm",
                "warn",
                f"srun reaches no cluster, as where none is set up; {place}: {why.en}",
                "ask the cluster's support; without SLURM there is nothing to do",
                f"srun 连不上集群（例如没有配置）；{in_chinese}：{why.zh}",
                "询问集群的技术支持；不用 SLURM 则可忽略",
            )


def _why(error: Exception) -> Words:
    """Why srun gives no version; what it prints itself is cited as it stands."""
    if isinstance(error, subprocess.TimeoutExpired):
        return Words(f"it gives no answer in {error.timeout:g} seconds", f"{error.timeout:g} 秒内没有回答")
    said = reason(error.output) if isinstance(error, subprocess.CalledProcessError) else one_line(error)
    cited = shorten(said, MOST_OF_A_MESSAGE)
    return Words(f"it says {cited!r}", f"它输出“{cited}”")


def _answer(command: list[str]) -> str:
    """What a program prints, stopped with all that it started if it takes too long."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        try:
            printed, _ = process.communicate(timeout=ANSWER_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, printed)
    return one_line(printed)


def wandb() -> Iterator[Check]:
    try:
        version = metadata.version("wandb")
    except metadata.PackageNotFoundError:
        yield Check(
            "wandb",
            "warn",
            "not installed",
            f"{REINSTALL}, or train with logger=csv",
            "没有安装",
            f"{REINSTALL}，或用 logger=csv 训练",
        )
        return
    from attnlab.callbacks.wandb_server import surroundings, wandb_login

    found = surroundings()
    logged_in = wandb_login(found)
    login = "logged in" if logged_in else "not logged in (wandb login)"
    mode = "offline" if found.refused else found.mode or ("online" if logged_in else "offline")
    where = {"online": "are sent as they go", "offline": "stay on disk until wandb sync"}.get(mode, "are not logged")
    detail = f"{version}, {login}; mode {mode}: runs {where}"
    chinese = f"{version}，{'已登录' if logged_in else '未登录（wandb login）'}；模式 {mode}：" + {
        "online": "运行随时上传",
        "offline": "运行留在磁盘上，直到 wandb sync",
    }.get(mode, "运行不记录")
    if found.refused:
        refused = one_line(found.refused[0])
        yield Check(
            "wandb",
            "warn",
            f"{detail}; it can't be told {refused}",
            "set it right, or unset it",
            f"{chinese}；它不接受 {refused}",
            "改成正确的值，或取消设置",
        )
    else:
        yield Check("wandb", "ok", detail, chinese=chinese)


def bytecode() -> Iterator[Check]:
    if sys.dont_write_bytecode:
        detail = "PYTHONDONTWRITEBYTECODE is set: every start may compile torch's Python files anew"
        chinese = "设了 PYTHONDONTWRITEBYTECODE：每次启动都可能重新编译 torch 的 Python 文件"
        yield Check("bytecode", "warn", detail, "unset PYTHONDONTWRITEBYTECODE", chinese)
    else:
        yield Check(
            "bytecode",
            "ok",
            "Python keeps compiled files, so later starts are quick",
            chinese="Python 保存编译后的文件，以后启动会快",
        )


def outputs(folder: Path) -> Iterator[Check]:
    """Runs can be kept: a file is really written, in the folder or where it would be made."""
    existing = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=existing, prefix=".attnlab-doctor-") as file:
            file.write(b"x" * 4096)
            file.flush()
    except OSError as error:
        detail = f"{folder} can't be written: {error.strerror or one_line(error)}"
        yield Check(
            "outputs",
            "fail",
            detail,
            "work in a folder of your own, or set output_root=DIR",
            f"{folder} 不可写：{error.strerror or one_line(error)}",
            "在自己的目录中工作，或设 output_root=DIR",
        )
        return
    yield Check("outputs", "ok", f"{folder.absolute()} can be written", chinese=f"{folder.absolute()} 可写")
    free = shutil.disk_usage(existing).free / GIB
    status: Status = "ok" if free >= 5 else "warn" if free >= 0.2 else "fail"
    yield Check(
        "disk",
        status,
        f"{free:.1f} GiB free",
        "" if status == "ok" else "make room, or set output_root=DIR elsewhere",
        f"剩余 {free:.1f} GiB",
        "" if status == "ok" else "腾出空间，或把 output_root=DIR 设到别处",
    )
