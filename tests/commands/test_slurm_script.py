"""The script that `attnlab slurm-script` writes asks for what the configuration needs, and bash can read it."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from attnlab.commands import cli
from attnlab.commands.slurm_script import limit_seconds
from attnlab.config.compose import compose_run
from attnlab.launch import sweep

ROOT = Path(__file__).parents[2]


def _script(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(["slurm-script", *arguments]) == 0
    return capsys.readouterr().out


def test_the_script_asks_for_the_nodes_processes_and_gpus_of_the_configuration(
    capsys: pytest.CaptureFixture[str],
) -> None:
    script = _script(capsys, "trainer=ddp", "trainer.devices=5", "--time", "02:00:00", "trainer.num_nodes=3", "seed=7")
    lines = script.splitlines()
    for expected in ("--nodes=3", "--ntasks-per-node=5", "--gpus-per-node=5", "--time=02:00:00", "--requeue"):
        assert f"#SBATCH {expected}" in lines
    assert "#SBATCH --signal=SIGUSR1@180" in lines
    assert lines[-1] == "exit $status"
    assert (
        "attnlab train trainer=ddp trainer.devices=5 trainer.num_nodes=3 seed=7 trainer.enable_progress_bar=false"
        in script
    )
    assert "#SBATCH --gpus-per-node" not in _script(capsys, "trainer=ddp_cpu")


def test_bash_reads_it_whatever_the_overrides_hold(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "run.sbatch"
    odd = "name='a $HOME \"b\"'"
    assert cli.main(["slurm-script", odd, "--setup", "module load cuda", "--out", str(path), "--qos", "long"]) == 0
    assert f"wrote {path}" in capsys.readouterr().err
    assert "\nmodule load cuda\n" in path.read_text()
    assert "#SBATCH --qos=long" in path.read_text()
    subprocess.run(["bash", "-n", str(path)], check=True)
    # With srun and scontrol out of the way it starts the very command.
    bare = (
        path.read_text()
        .replace("srun --kill-on-bad-exit=1", "")
        .replace("-m attnlab train", "-c 'import sys; print(sys.argv[1:])'")
    )
    done = subprocess.run(["bash", "-c", bare], capture_output=True, text=True, check=False)
    assert done.stdout == f"{[odd, 'trainer.enable_progress_bar=false']}\n"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--name", "bash"], "Lightning takes such a job for a shell, got bash (set --name)"),
        (["--warn", "5"], "--warn must be 60 or more, got 5"),
        (["seed=1,2"], "a script is of one run, got 'seed=1,2' (give one value; for a sweep attnlab train -m hydra/"),
        (["--config-dir", "/nope"], "no such folder, got /nope (set --config-dir)"),
        (["--time", "banana"], "--time must be as sbatch takes it, D-HH:MM:SS, HH:MM:SS or minutes, got 'banana'"),
        (["--time", "4h"], "got '4h' (write --time 240)"),
        (["--time", "90min"], "got '90min' (write --time 90)"),
        (["--time", "2 days"], "got '2 days' (write --time 2-00:00:00)"),
        (["--time", "1:2:3:4"], "--time must be as sbatch takes it"),
        (["--time", "-5"], "--time"),
        (["--mem", "lots"], "--mem must be a number with K, M, G or T, such as 16G, got 'lots' (set --mem)"),
        (["--mem", "16 G"], "--mem must be"),
        (["--mem", "16B"], "--mem must be"),
        (["--mem", "16"], "--mem 16 is 16 MB for SLURM, too little for a run to start (write --mem 16G)"),
        (["--mem", "32mb"], "--mem 32mb is too little for a run to start (write --mem 32G)"),
        (["--mem", "16000k"], "--mem 16000k is 16 MB for SLURM, too little for a run to start (write --mem 16G)"),
        (["--cpus-per-task", "-3"], "--cpus-per-task must be 1 or more, got -3 (set --cpus-per-task)"),
        (["--warn", "70000"], "--warn must be 65535 seconds or less, got 70000 (set --warn)"),
        (["--name", "a\nb"], "--name must be a name on one line, got 'a\\nb' (set --name)"),
        (["--partition", ""], "--partition must be a name on one line, got '' (set --partition)"),
        (["trainer=ddp", "trainer.devices=auto"], "got trainer.devices=auto (set trainer.devices)"),
        (
            ["--time", "00:02:00", "--warn", "300"],
            "a job of 120 seconds would be put back in the queue before it trains, got --time 00:02:00 with --warn 300 "
            "(set --time to 420 seconds or more, or a smaller --warn)",
        ),
        (["model.dmi=3"], "did you mean model.dim?"),
        (["--out", "/proc/nowhere/run.sbatch"], "can't write /proc/nowhere/run.sbatch"),
        (["--nosuch", "1"], "(see attnlab slurm-script --help)"),
    ],
)
def test_a_mistake_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    assert cli.main(["slurm-script", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("size", ["0", "512", "16000", "512M", "16g", "16G", "16GB", "1t", "600000K"])
def test_sizes_of_memory_are_taken_as_sbatch_takes_them(capsys: pytest.CaptureFixture[str], size: str) -> None:
    assert f"#SBATCH --mem={size}\n" in _script(capsys, "--mem", size)


def _commands(path: Path) -> list[str]:
    """What a page shows behind its prompts, without comments."""
    blocks = re.findall(r"```console\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    return [re.sub(r" {2,}#.*", "", block.replace("\\\n", " ")) for block in blocks]


def test_every_command_of_the_cluster_page_composes_in_both_languages() -> None:
    pages = [ROOT / "docs" / name for name in ("cluster.md", "cluster.zh.md")]
    assert _commands(pages[0]) == _commands(pages[1])
    checked = 0
    for line in "\n".join(_commands(pages[0])).splitlines():
        words = shlex.split(line.removeprefix("$ "))
        if words[:2] == ["attnlab", "slurm-script"]:
            assert cli.main([*words[1:-2]]) == 0
        elif words[:3] == ["attnlab", "train", "-m"]:
            plan = sweep.planned(words[3:], multirun=True, config_dirs=[])
            for job in plan.jobs or []:
                compose_run(job)
        else:
            continue
        checked += 1
    assert checked == 4


def test_what_has_spaces_is_quoted_as_sbatch_reads_it(capsys: pytest.CaptureFixture[str]) -> None:
    script = _script(capsys, "--name", "a 'b' #c", "--constraint", "gpu&fast", "--mem", "16G")
    options = [line.removeprefix("#SBATCH ") for line in script.splitlines() if line.startswith("#SBATCH")]
    read = [word for line in options for word in shlex.split(line)]
    assert "--job-name=a 'b' #c" in read
    assert "--constraint=gpu&fast" in read
    assert "--output=a__b___c-%j.out" in read
    assert len(read) == len(options)


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("30", 1800),
        ("30:15", 1815),
        ("2:00:00", 7200),
        ("1-2", 93600),
        ("1-2:30", 95400),
        ("0-00:05:07", 307),
        ("0", None),
        ("UNLIMITED", None),
    ],
)
def test_a_limit_is_as_long_as_sbatch_takes_it(text: str, seconds: int | None) -> None:
    assert limit_seconds(text) == seconds
