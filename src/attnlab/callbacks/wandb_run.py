"""A wandb run that can fail without ending training."""

import glob
import logging
import re
import secrets
import shutil
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from lightning.pytorch.loggers import Logger
from lightning.pytorch.utilities import rank_zero_only

from attnlab.callbacks.wandb_server import Surroundings, surroundings, unreachable, wandb_login, without_variables
from attnlab.callbacks.wandb_service import within
from attnlab.errors import above_zero
from attnlab.files import write_text

log = logging.getLogger(__name__)

UPLOADING = 10
HEADING_BYTES = 7  # of a run's file: what it is, and its version


ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


def _text(path: Path) -> str:
    """A line that was written here, of a folder that anyone may have written."""
    return path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""


class WandbRun(Logger):
    """One wandb run per run folder: offline unless logged in and the server answers, resumed under the same id.

    `directory` is where wandb writes, `output_dir` the run's folder, which holds what tells its wandb run from others.
    Anything wandb raises is reported once and switches this logger off, as does its silence of `timeout` seconds, of
    `UPLOADING` times as many where it ends a run that is online. Plot against `step`, the optimizer update:
    an offline run that was resumed counts its own steps anew.
    """

    files: ClassVar[dict[str, str]] = {"wandb/*run-*": "wandb run"}

    def __init__(
        self,
        directory: Path | None,
        *,
        project: str,
        entity: str | None,
        mode: Literal["auto", "online", "offline"],
        tags: Sequence[str],
        name: str | None = None,
        group: str | None = None,
        job_type: str | None = None,
        notes: str | None = None,
        output_dir: Path | None = None,
        timeout: float = 60.0,
    ) -> None:
        super().__init__()
        above_zero("logger.wandb", timeout=timeout)
        if directory is None and output_dir is None:
            raise ValueError("wandb needs a folder to write in, got null (set logger.wandb.directory)")
        self.directory = Path(directory or output_dir or "").expanduser()
        self.output_dir = Path(output_dir or self.directory)
        self._project, self._mode, self._timeout = project, mode, timeout
        self._online = False
        self._labels: dict[str, Any] = {
            "entity": entity,
            "tags": list(tags),
            "name": name,
            "group": group,
            "job_type": job_type,
            "notes": notes,
        }
        self._run: Any = None
        self._failed = False
        self._config: dict[str, Any] = {}
        self._step = 0

    @property
    def name(self) -> str:
        return self._project

    @property
    def version(self) -> str:
        return self.run_id

    @property
    def run_id(self) -> str:
        """The id that every process of this run folder shares."""
        path = self.output_dir / "wandb_id.txt"
        if not ID.fullmatch(_text(path)):  # none yet, or one that could lead into other folders
            write_text(path, secrets.token_hex(4) + "\n")
        return _text(path)

    @rank_zero_only
    def log_hyperparams(self, params: dict[str, Any] | Namespace, *args: Any, **kwargs: Any) -> None:
        self._config = dict(vars(params) if isinstance(params, Namespace) else params)

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        self._step = max(self._step, step or 0)
        self._guarded(lambda run: run.log({**metrics, "step": step}))

    @rank_zero_only
    def catch_up(self, rows: Iterable[tuple[int, Mapping[str, float]]]) -> None:
        """Log again, of these updates' metrics, what an earlier process of this run may not have got written.

        wandb's own process writes late, and ends at once when SLURM signals all processes of a job.
        """
        self._drop_empty()
        text = _text(self._written)
        written = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
        for step, metrics in rows:
            if step > written:
                self.log_metrics(metrics, step)

    @property
    def _written(self) -> Path:
        """Holds the last update whose metrics are certain to be with wandb."""
        return self.output_dir / "wandb_step.txt"

    @rank_zero_only
    def log_table(self, key: str, columns: list[str], rows: list[list[Any]], step: int) -> None:
        def send(run: Any) -> None:
            import wandb

            run.log({key: wandb.Table(columns=[*columns], data=rows), "step": step})

        self._guarded(send)

    @rank_zero_only
    def log_image(self, key: str, path: Path, step: int) -> None:
        def send(run: Any) -> None:
            import wandb

            run.log({key: wandb.Image(str(path), caption=path.stem), "step": step})

        self._guarded(send)

    @rank_zero_only
    def log_file(self, path: Path) -> None:
        """Keep a file as it is now, under its own name."""
        self._guarded(lambda run: run.save(glob.escape(str(path)), base_path=str(path.parent), policy="now"))

    @rank_zero_only
    def log_summary(self, values: Mapping[str, Any]) -> None:
        self._guarded(lambda run: run.summary.update(dict(values)))

    @rank_zero_only
    def finish(self, *, exit_code: int) -> None:
        """End the run; the next one in this process begins its own."""
        if self._run is not None:
            seconds = self._timeout * (UPLOADING if self._online else 1)
            self._guarded(lambda run: run.finish(exit_code=exit_code), seconds=seconds)
            self._run = None
            if self._failed:
                self._drop_empty()
            else:
                write_text(self._written, f"{self._step}\n")

    def _drop_empty(self) -> None:
        """`wandb sync` stops, whatever else it is to do, at a file of which nothing but the heading was written."""
        for path in self.directory.glob(f"wandb/offline-run-*-{self.run_id}/run-*.wandb"):
            if path.stat().st_size <= HEADING_BYTES:
                shutil.rmtree(path.parent)

    def _guarded(self, action: Callable[[Any], None], *, seconds: float | None = None) -> None:
        if self._failed:
            return
        try:
            if self._run is None:
                self._run = within(self._timeout, self._start)
            within(seconds or self._timeout, lambda: action(self._run))
        except Exception as error:  # whatever it is, training goes on
            self._failed = True
            log.warning(
                "wandb is off for the rest of this run: %s", " ".join(str(error).split()) or type(error).__name__
            )

    def _start(self) -> Any:
        found = surroundings()
        for each in found.refused:
            log.warning("wandb can't be told %s: this run is logged offline (mend it, or unset it)", each)
        with without_variables(found.passed_over):
            run = self._begun(found)
        run.define_metric("*", step_metric="step")
        return run

    def _begun(self, found: Surroundings) -> Any:
        """The run as wandb has it, offline where its server can't be reached."""
        import wandb

        mode = self._resolved_mode(found)
        if mode == "online" and (reason := unreachable(found.url)) is not None:
            log.warning("wandb can't be reached (%s): this run is logged offline", reason)
            mode = "offline"
        self._online = mode == "online"
        try:
            return self._init(mode)
        except wandb.errors.Error as error:
            if mode != "online":
                raise
            log.warning("wandb can't be reached (%s): this run is logged offline", " ".join(str(error).split()))
            wandb.teardown()  # its service would hold on to the run's id
            return self._init("offline")

    def _init(self, mode: Literal["online", "offline", "disabled"]) -> Any:
        import wandb

        self.directory.mkdir(parents=True, exist_ok=True)
        return wandb.init(
            project=self._project,
            **self._labels,
            dir=str(self.directory),
            id=self.run_id,
            resume="allow",
            config=self._config,
            mode=mode,
            reinit="create_new",
            settings=wandb.Settings(
                console="off",
                silent=True,
                init_timeout=20,
                x_disable_stats=True,
                disable_git=True,  # which runs what the settings of a repository name, that of any folder one works in
            ),
        )

    def _resolved_mode(self, found: Surroundings) -> Literal["online", "offline", "disabled"]:
        if found.refused and found.mode != "disabled":
            return "offline"  # rather than to a server that may be another than was meant
        if self._mode != "auto":
            return self._mode
        match found.mode:
            case "online" | "offline" | "disabled" as wished:
                return wished
        return "online" if wandb_login(found) else "offline"
