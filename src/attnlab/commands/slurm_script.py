"""`attnlab slurm-script`: a plain sbatch script for one run, on one node or several."""

import argparse
import os
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attnlab.commands import arguments as arguments_of
from attnlab.commands.train import resume
from attnlab.commands.train.named_runs import with_named_runs
from attnlab.config import compose, sweep_overrides
from attnlab.config.resolvers import devices_per_node
from attnlab.errors import UserError
from attnlab.files import write_text, writing
from attnlab.language import either
from attnlab.reading.shown import tell
from attnlab.reporting import typed_files

NAME, TIME, WARN, CORES = "attnlab", "04:00:00", 180, 2
SCRIPT = """\
#!/usr/bin/env bash
# {command}
# Send it with `sbatch {out}`. The job goes on in the same run folder however often it is put back in the queue.
{options}
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=SIGUSR1@{warn_seconds}

cd {folder}
unset PYTHONDONTWRITEBYTECODE
{setup}# The processes meet at the first node; set MASTER_ADDR where its name can't be resolved.
export MASTER_ADDR="${{MASTER_ADDR:-$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)}}"
# What SLURM signals is for the processes of the run: this shell waits for them, and they wait till Python listens.
trap : USR1 USR2 TERM
srun --kill-on-bad-exit=1 bash -c 'trap "" USR1 USR2 TERM; exec "$@"' - \\
  {python} -m attnlab train {overrides}
status=$?
exit $status
"""


def run(arguments: list[str]) -> int:
    """Print the script, or write it to `--out`; returns the exit status.

    Raises:
        UserError: an override or an option that doesn't fit.
    """
    arguments = with_named_runs(arguments)  # when the job begins, another run may be the last
    options = _parser().parse_intermixed_args(arguments)
    if options.out is not None:
        typed_files.check_typed(options.out, typed_files.SCRIPT, option="--out")
    script = typed_files.marked_script(_script(options, ["slurm-script", *arguments]))
    if options.out is None:
        print(script, end="")
        return 0
    with writing(options.out, remedy="set --out"):
        write_text(options.out, script)
    tell(either(f"wrote {options.out}: sbatch {options.out}", f"已写出 {options.out}；提交：sbatch {options.out}"))
    return 0


def _parser() -> argparse.ArgumentParser:
    about = either(
        "Write an sbatch script for one run; KEY=VALUE as of attnlab train.",
        "为一次运行写 sbatch 脚本；KEY=VALUE 与 attnlab train 的相同。",
    )
    parser = arguments_of.parser("slurm-script", about)
    helped = either("parts and values of the run", "运行的部件和值")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help=helped)
    helped = either("where to write it; without, it is printed", "写到哪里；不给时打印出来")
    parser.add_argument("--out", type=Path, metavar="FILE", help=helped)
    parser.add_argument(
        "--name", default=NAME, metavar="NAME", help=either(f"of the job ({NAME})", f"作业的名字（{NAME}）")
    )
    helped = either(
        f"the job's limit, after which it is put back in the queue ({TIME})", f"作业的时限，到时放回队列（{TIME}）"
    )
    parser.add_argument("--time", default=TIME, metavar="TIME", help=helped)
    helped = either(f"before the limit, time to write ({WARN})", f"时限之前留给写入的时间（{WARN}）")
    parser.add_argument("--warn", type=int, default=WARN, metavar="SECONDS", help=helped)
    _add_place(parser)
    helped = either("a line before the run", "运行之前的一行命令")
    parser.add_argument("--setup", action="append", default=[], metavar="COMMAND", help=helped)
    arguments_of.add_config_dir(parser, kind=Path)
    return parser


def _add_place(parser: argparse.ArgumentParser) -> None:
    """Where the job runs, and what it takes there."""
    helped = either("nodes that the job may run on", "作业可以使用的分区")
    parser.add_argument("--partition", metavar="NAME", help=helped)
    helped = either("who is charged for the job", "作业记在哪个账户上")
    parser.add_argument("--account", metavar="NAME", help=helped)
    helped = either("quality of service of the job", "作业的服务质量")
    parser.add_argument("--qos", metavar="NAME", help=helped)
    helped = either("what its nodes must have, such as a kind of GPU", "节点必须具备的特性，如某种 GPU")
    parser.add_argument("--constraint", metavar="FEATURES", help=helped)
    helped = either(f"of each process ({CORES})", f"每个进程的核数（{CORES}）")
    parser.add_argument("--cpus-per-task", type=int, default=CORES, metavar="CORES", help=helped)
    parser.add_argument("--mem", metavar="SIZE", help=either("of a node, e.g. 16G", "一个节点的内存，如 16G"))


# sbatch's own grammar: it refuses the script only when it is sent, and takes some of what is wrong.
DAYS = re.compile(r"(\d+)-(\d{1,2})(?::(\d{1,2}))?(?::(\d{1,2}))?")
MEMORY = re.compile(r"(\d+)([KMGT]?)(?:(?<=[KMGT])B)?", re.IGNORECASE)
UNITS = {"K": 1, "M": 1024, "": 1024, "G": 1024**2, "T": 1024**3}
LEAST_MEMORY = 512  # MB; torch and Lightning alone, once they are imported, take more
MOST_WARNING = 65535  # seconds that SLURM can count to


def _check(options: Any) -> None:
    """Raise UserError for an option that sbatch would refuse, or with which the job would never get on."""
    if options.name in ("bash", "interactive"):
        raise UserError(f"Lightning takes such a job for a shell, got {options.name} (set --name)")
    for name in ("name", "partition", "account", "qos", "constraint"):
        value = getattr(options, name)
        if value is not None and (not value.strip() or any(not letter.isprintable() for letter in value)):
            raise UserError(f"--{name} must be a name on one line, got {value!r} (set --{name})")
    if not 60 <= options.warn <= MOST_WARNING:
        raise UserError(
            f"--warn must be 60 or more, got {options.warn}: SLURM may send it a minute early (set --warn)"
            if options.warn < 60
            else f"--warn must be {MOST_WARNING} seconds or less, got {options.warn} (set --warn)"
        )
    if options.cpus_per_task < 1:
        raise UserError(f"--cpus-per-task must be 1 or more, got {options.cpus_per_task} (set --cpus-per-task)")
    if options.mem is not None:
        _check_memory(options.mem)
    # Till Python listens, and for SLURM's minute.
    seconds, least = limit_seconds(options.time), options.warn + 120
    if seconds is not None and seconds < least:
        raise UserError(
            f"a job of {seconds} seconds would be put back in the queue before it trains, got --time {options.time} "
            f"with --warn {options.warn} (set --time to {least} seconds or more, or a smaller --warn)"
        )


def _check_memory(text: str) -> None:
    """Raise UserError for a size that sbatch can't read, or in which nothing would start; 0 is all that a node has."""
    found = MEMORY.fullmatch(text)
    if found is None:
        raise UserError(f"--mem must be a number with K, M, G or T, such as 16G, got {text!r} (set --mem)")
    number, unit = int(found[1]), found[2].upper()
    megabytes = -(-number * UNITS[unit] // UNITS["M"])  # rounded up, as sbatch does
    if 0 < megabytes < LEAST_MEMORY:
        reads = "" if unit == "M" else f"{megabytes} MB for SLURM, "
        wanted = "16G" if unit == "K" else f"{number}G"
        raise UserError(f"--mem {text} is {reads}too little for a run to start (write --mem {wanted})")


def limit_seconds(text: str) -> int | None:
    """A time limit as sbatch reads it: MM, MM:SS, HH:MM:SS, D-HH, D-HH:MM or D-HH:MM:SS; None: no limit.

    Raises:
        UserError: it is none of these.
    """
    if text.lower() in ("0", "infinite", "unlimited"):
        return None
    if match := DAYS.fullmatch(text):
        days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    elif re.fullmatch(r"\d+(:\d{1,2}){0,2}", text):
        parts = [int(part) for part in text.split(":")]
        hours, minutes, seconds = parts if len(parts) == 3 else (0, parts[0], parts[1] if len(parts) == 2 else 0)
        days = 0
    else:
        raise UserError(
            f"--time must be as sbatch takes it, D-HH:MM:SS, HH:MM:SS or minutes, got {text!r} "
            f"({_as_sbatch_writes(text) or 'set --time'})"
        )
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _as_sbatch_writes(text: str) -> str:
    """What to write for 4h, 90min or 2 days; "" for other texts."""
    if (found := re.fullmatch(r"(\d{1,4}) ?(d|h|m|min)[a-z]*", text.strip().lower())) is None:
        return ""
    number, unit = int(found[1]), found[2]
    return f"write --time {number}-00:00:00" if unit == "d" else f"write --time {number * (60 if unit == 'h' else 1)}"


def _script(options: Any, command: Sequence[str]) -> str:
    _check(options)
    arguments_of.check_config_dirs(options.config_dir)
    folders = [str(folder.absolute()) for folder in options.config_dir]
    overrides = [compose.sugar(each) for each in options.overrides]
    if resume.asked(overrides):
        raise UserError(
            "a script is of a run by its overrides, got resume (drop it, and give the overrides that the run was begun "
            "with: it goes on where it stands)"
        )
    if swept := [each.input_line for each in compose.parse(overrides) if each.is_sweep_override()]:
        raise UserError(
            f"a script is of one run, got {swept[0]!r} (give one value; for a sweep attnlab train -m "
            "hydra/launcher=slurm)"
        )
    config = compose.compose_run(overrides, config_dirs=folders)
    try:
        devices = devices_per_node(config.trainer.devices)
    except ValueError as error:
        raise UserError(str(error)) from error
    given = {
        "job-name": options.name,
        "nodes": config.trainer.num_nodes,
        "ntasks-per-node": devices,
        "cpus-per-task": options.cpus_per_task,
        "gpus-per-node": devices if config.trainer.accelerator == "gpu" else None,
        "mem": options.mem,
        "time": options.time,
        "partition": options.partition,
        "account": options.account,
        "qos": options.qos,
        "constraint": options.constraint,
        "output": re.sub(r"[^\w.-]", "_", options.name) + "-%j.out",
    }
    extra = [f"--config-dir={folder}" for folder in folders]
    # A terminal's bar would fill the log.
    quiet = (
        []
        if "trainer.enable_progress_bar" in sweep_overrides.keys(overrides)
        else ["trainer.enable_progress_bar=false"]
    )
    return SCRIPT.format(
        command=shlex.join(["attnlab", *command]),
        out=options.out or "FILE",
        options="\n".join(
            f"#SBATCH --{key}={shlex.quote(str(value))}" for key, value in given.items() if value is not None
        ),
        warn_seconds=options.warn,
        folder=shlex.quote(os.getcwd()),
        setup="".join(line + "\n" for line in options.setup),
        python=shlex.quote(sys.executable),
        overrides=shlex.join([*overrides, *quiet, *extra]),
    )
