"""How a run leaves off at a signal: in training, and while it waits for its other processes."""

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import NoReturn

from lightning.pytorch import Trainer
from lightning.pytorch.strategies.launchers import _SubprocessScriptLauncher

from attnlab.callbacks.wandb_run import WandbRun
from attnlab.launch.requeue import leave
from attnlab.launch.stop import StopFlag, TrainingInterrupted, Wish

LOOK_SECONDS = 0.1


def leave_off(trainer: Trainer, stop: StopFlag, wish: Wish, step: int) -> NoReturn:
    """End a run whose last checkpoint is that of update `step`.

    Raises:
        TrainingInterrupted: always.
    """
    for logger in trainer.loggers:
        if isinstance(logger, WandbRun):
            logger.finish(exit_code=1)  # it writes late, and this process may be killed while it waits
    leave(stop, wish)
    raise TrainingInterrupted(step)


@contextmanager
def interrupts_are_raised() -> Iterator[None]:
    """Within it a second Ctrl-C is a KeyboardInterrupt, of which Lightning makes an exit as after a failure."""
    try:
        yield
    except SystemExit as error:
        if isinstance(error.__context__, KeyboardInterrupt):
            raise error.__context__ from None
        raise


def let_signals_end_the_wait(trainer: Trainer, stop: StopFlag, *, step: int) -> None:
    """Have `trainer` leave off where a signal comes before all processes of the run have found each other.

    torch waits for them outside Python, where no handler has its turn. So a thread waits, which ends with the process,
    and this one looks at the flag. Once they have met, all agree on it in training.
    """
    strategy = trainer.strategy
    meet = strategy.setup_environment

    def meet_or_leave() -> None:
        assert strategy.accelerator is not None
        strategy.accelerator.setup_device(strategy.root_device)  # the thread sets CUDA's device for itself alone
        met: Future[None] = Future()
        threading.Thread(target=_settle, args=(met, meet), daemon=True).start()
        while not wait([met], timeout=LOOK_SECONDS).done:
            if stop.wish:
                if isinstance(strategy.launcher, _SubprocessScriptLauncher):
                    strategy.launcher.kill(signal.SIGTERM)  # of this node, which wait as well
                leave_off(trainer, stop, stop.wish, step)
        met.result()
        strategy.setup_environment = meet  # type: ignore[method-assign]  # the test's needs no second wait

    if trainer.world_size > 1:
        strategy.setup_environment = meet_or_leave  # type: ignore[method-assign]  # of this one alone


def _settle(met: Future[None], meet: Callable[[], None]) -> None:
    try:
        meet()
    except BaseException as error:
        met.set_exception(error)
    else:
        met.set_result(None)
