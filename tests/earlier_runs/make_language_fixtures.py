"""Makes what stands in language/: a language model's run, stopped in mid-pass, as the code of results 3 wrote it.

It was run with the code of commit 06d2cfb9, and is kept to say how. A later version would write other files: what is
there stays as it is, so that tests see whether a run of that time is still read and gone on with.

    python make_language_fixtures.py        writes language/expected.json and language/workplace/
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from make_fixtures import EVALUATE, digest, environment, left_by

HERE = Path(__file__).parent / "language"
STOPPED_AFTER = 25
LANGUAGE = [
    *["task=language_modelling", "data=text_files", "data.root=data", "data.context_length=16", "data.batch_size=5"],
    *["data.max_length=32", "data.cache_dir=cache", "tokenizer=letters", "model.dim=12", "model.num_heads=2"],
    *["model.num_layers=2", "model.feed_forward_dim=19", "model.dropout=0.2", "attention=gated_deltanet"],
    *["model.positions=none", "model.kernel_size=3", "optimizer.lr=0.01", "scheduler.warmup_steps=5"],
    *["task.num_samples=2", "task.max_tokens=7", "trainer.max_steps=40", "trainer.val_check_interval=12"],
    *["trainer.checkpoint_interval=7", "trainer.log_every_n_steps=10", "trainer.precision=32-true"],
    *["trainer.accelerator=cpu", "trainer.threads=1", "trainer.enable_progress_bar=false", "callbacks=none"],
    *["logger=csv", "optimizer.fused=false"],
]
PREDICT = ["one cat t", "two", "--seed", "5", "--json"]


def _write_data(folder: Path) -> None:
    """Files of lines of some words."""
    draw, words = random.Random(7), ["one", "two", "five", "cat", "dog", "bird"]
    folder.mkdir(parents=True)
    for name, num_lines in {"a": 60, "b": 50}.items():
        lines = [" ".join(draw.choice(words) for _ in range(draw.randint(3, 9))) for _ in range(num_lines)]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _attnlab(folder: Path, *arguments: str, stop_after: int = 0) -> str:
    """What the command prints, in a process of its own; with `stop_after` it stops after so many updates."""
    command = [sys.executable, str(Path(__file__).absolute()), "--command", str(stop_after), *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == (130 if stop_after else 0), done.stderr
    return done.stdout


def _command(stop_after: int, arguments: list[str]) -> int:
    from attnlab.commands import cli
    from attnlab.launch.stop import Wish
    from attnlab.runs.checkpoints import Checkpoints

    if stop_after:

        def agreed(self: Checkpoints, trainer: Any) -> Wish:
            return Wish.STOP if trainer.global_step == stop_after and not trainer.validating else Wish.GO_ON

        Checkpoints._agreed = agreed  # type: ignore[method-assign]  # in this process alone
    return cli.main(arguments)


def _scrub(folder: Path, workplace: Path) -> None:
    """Records mustn't hold paths of the machine that made them."""
    from attnlab.config.conf_path import conf_dir

    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in (".yaml", ".json", ".jsonl", ".log", ".csv"):
            text = path.read_text(encoding="utf-8")
            text = text.replace(str(conf_dir()), "conf").replace(str(workplace.resolve()), ".")
            path.write_text(text, encoding="utf-8")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        workplace = Path(name, "workplace")
        workplace.mkdir()
        _write_data(workplace / "data")
        _attnlab(workplace, "train", *LANGUAGE, stop_after=STOPPED_AFTER)
        (found,) = (workplace / "outputs" / "language_modelling").glob("*/*")
        run = found.relative_to(workplace)
        predicted = _attnlab(workplace, "predict", str(run), *PREDICT).splitlines()
        scores = json.loads(_attnlab(workplace, "evaluate", str(run), *EVALUATE).splitlines()[-1])
        shutil.rmtree(workplace / "cache")
        shutil.rmtree(HERE / "workplace", ignore_errors=True)
        shutil.copytree(workplace, HERE / "workplace")
        _scrub(HERE / "workplace", workplace)
        begun = digest(workplace / run / "checkpoints" / "best.ckpt")
        _attnlab(workplace, "train", *LANGUAGE)
        expected = {
            "run": str(run),
            "predict": [json.loads(line) for line in predicted],
            "evaluate": scores,
            "begun": begun,
            **left_by(workplace / run),
            "environment": environment(workplace / run / "checkpoints" / "last.ckpt"),
        }
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--command"]:
        sys.exit(_command(int(sys.argv[2]), sys.argv[3:]))
    main()
