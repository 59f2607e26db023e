"""The `attnlab` command. Imports nothing heavy: each subcommand imports what it runs."""

import io
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextvars import copy_context
from importlib import import_module

from attnlab import __version__
from attnlab.commands import own_modules
from attnlab.commands.typed_quotes import check_quotes
from attnlab.errors import Fault, OwnCodeError, UserError, closest
from attnlab.files import out_of_reach
from attnlab.language import Words, wanted
from attnlab.launch import stop
from attnlab.reading.shown import ShownRecord, without_controls
from attnlab.reporting.messages.log_format import Spoken

DONE, FAILED, USER_MISTAKE, INTERRUPTED = 0, 1, 2, 130

# What takes less memory.
LESS = {
    "evaluate": "set a lower data.batch_size or data.batch_tokens, whichever the run has",
    "predict": "set a lower --batch-size",
}

# subcommand: (module with run(arguments) -> exit code, what it does)
COMMANDS = {
    "train": (
        "attnlab.commands.train.command",
        Words(
            "train, test and record a run; takes Hydra overrides, -m for a sweep",
            "训练、测试并记录一次运行；接受 Hydra 的覆盖参数，-m 为扫描",
        ),
    ),
    "study": (
        "attnlab.commands.study.command",
        Words("compare mechanisms: plan, run, judge and report", "比较机制：计划、运行、判定、报告"),
    ),
    "compare": (
        "attnlab.commands.compare.command",
        Words("judge finished runs against each other, a sweep's too", "比较并判定已完成的运行，包括一次扫描的"),
    ),
    "view": (
        "attnlab.commands.view",
        Words(
            "write one page of a run: scores, curves, samples, attention maps",
            "把一次运行写成一个网页：分数、曲线、样例、注意力图",
        ),
    ),
    "figures": (
        "attnlab.commands.figures",
        Words(
            "draw a run's curves, confusions and maps again, as PDF, SVG or PNG",
            "重新画一次运行的曲线、混淆矩阵和注意力图，格式为 PDF、SVG 或 PNG",
        ),
    ),
    "evaluate": (
        "attnlab.commands.evaluate",
        Words(
            "score a trained run on its test split again, or on other data",
            "在测试集或其他数据上，给训练好的运行重新评分",
        ),
    ),
    "predict": (
        "attnlab.commands.predict.command",
        Words(
            "use a trained run on text, files or images, or have it generate images",
            "把训练好的运行用于文本、文件或图像，或让它生成图像",
        ),
    ),
    "export": (
        "attnlab.commands.export",
        Words(
            "write a trained model as an ONNX file, or by torch.export, and check it",
            "把训练好的模型写成 ONNX 文件，或用 torch.export 写出，并核对",
        ),
    ),
    "explain": (
        "attnlab.commands.explain",
        Words("compute an attention mechanism step by step on small examples", "在小例子上一步一步算出注意力机制"),
    ),
    "list": (
        "attnlab.commands.list.command",
        Words(
            "what can be chosen: tasks, models, data, mechanisms, recipes; and what fits where",
            "有什么可选：任务、模型、数据、机制、现成的实验；以及什么能放在哪里",
        ),
    ),
    "data": (
        "attnlab.commands.data",
        Words(
            "what a data set is, before training: counts, lengths, labels, doubles, batches",
            "训练之前看数据集是什么样：数量、长度、标签、重复、批次",
        ),
    ),
    "check": (
        "attnlab.commands.check",
        Words(
            "check a mechanism, your own or a shipped one, before training with it",
            "训练之前检查一个机制，自己的或内置的",
        ),
    ),
    "completion": (
        "attnlab.commands.completion",
        Words("let bash or zsh complete commands, names, keys and runs", "让 bash 或 zsh 补全命令、名称、键和运行"),
    ),
    "slurm-script": (
        "attnlab.commands.slurm_script",
        Words(
            "write an sbatch script for one run, on one node or several", "为一次运行写 sbatch 脚本，用一个或几个节点"
        ),
    ),
    "doctor": (
        "attnlab.commands.doctor",
        Words("what this machine has, and what is missing", "这台机器有什么，缺什么"),
    ),
}

ABOUT = Words(
    ": swap any attention mechanism into any task, and see whether it matters",
    "：把任意注意力机制换进任意任务，看它是否有用",
)
FORM = Words("usage: attnlab COMMAND [arguments]", "用法：attnlab COMMAND [参数]")
MORE = Words("`attnlab COMMAND --help` says more.", "详见 `attnlab COMMAND --help`。")
EXAMPLES = """\
  attnlab train experiment=translation_quickstart
  attnlab train task=translation attention=additive model=transformer
  attnlab train -m attention=additive,scaled_dot,uniform seed=1,2
  attnlab predict last "Y vio Dios que la luz era buena."
"""


def usage() -> str:
    """The text of `attnlab --help`."""
    rows = "\n".join(f"  {name:<14}{what.said(wanted())}" for name, (_, what) in COMMANDS.items())
    about, form, more, examples = (each.said(wanted()) for each in (ABOUT, FORM, MORE, Words("examples", "例子")))
    return f"attnlab {__version__}{about}\n\n{form}\n\n{rows}\n\n{more}\n\n{examples}\n{EXAMPLES}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; the exit status is 0 done, 1 failure, 2 the user's mistake, 130 Ctrl-C."""
    if arguments is not None:
        return _main(list(arguments))
    # This process is the command itself: a signal must neither be lost while it imports nor spoil its exit.
    with stop.listening(stop.of_slurm() if sys.argv[1:2] == ["train"] else ()) as flag:
        status = _main(sys.argv[1:])
        if status == INTERRUPTED:  # impatience at the exit would make it another's, with a traceback
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        flag.ignore_from_now_on()
    return status


def _main(arguments: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what can't be encoded, bytes in a file's name, is escaped
    logging.setLogRecordFactory(ShownRecord)
    if logging.lastResort is not None:  # what writes warnings where nothing else is set up
        logging.lastResort.setFormatter(Spoken())
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        return _help(arguments)
    if arguments[0] in ("-V", "--version"):
        print(f"attnlab {__version__}")
        return DONE
    if arguments[0] not in COMMANDS:
        guessed = closest(arguments[0], [*COMMANDS, "help", "--help", "--version"])
        if "=" in arguments[0] or (arguments[0].startswith("-") and not guessed and arguments[1:]):
            command = next((each for each in arguments if each in COMMANDS), "train")
            return _mistake(f"a command comes first, got {arguments[0]!r} (write attnlab {command} {arguments[0]} ...)")
        return _mistake(f"no such command, got {arguments[0]!r}{guessed} (choose from {', '.join(COMMANDS)})")
    _find_home()
    try:
        check_quotes(arguments[1:])
        if own_modules.are_asked_for(arguments[0], arguments[1:]):
            own_modules.find()
        run: Callable[[list[str]], int] = import_module(COMMANDS[arguments[0]][0]).run
        return copy_context().run(run, arguments[1:])  # what one command trusts, another in this process doesn't
    except Fault as error:
        _mistake(str(error))
        return FAILED
    except (UserError, OwnCodeError) as error:
        return _without_memory(error, arguments[0]) or _mistake(str(error))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except FloatingPointError as error:  # of a model that came of another command
        _mistake(f"{error} (train it again with a lower optimizer.lr)")
        return FAILED
    except BrokenPipeError:
        # The reader (head, less) has gone; Python must not complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:
        if (said := out_of_reach(error)) is not None:
            return _mistake(str(said))
        if (status := _without_memory(error, arguments[0])) is not None:
            return status
        raise
    except SystemExit as error:  # mostly of a parser of ours
        if (failure := _of_own_code(error)) is None:
            raise
        return _mistake(str(failure))
    except Exception as error:
        if (status := _without_memory(error, arguments[0])) is not None:
            return status
        if (failure := _of_own_code(error)) is None:
            raise
        return _mistake(str(failure))


def _help(arguments: Sequence[str]) -> int:
    """What there is, or what the command that is named can do."""
    named = [each for each in arguments[1:] if not each.startswith("-")][:1]
    if named and named[0] in COMMANDS:
        return _main([named[0], "--help"])
    if named:
        return _main(named)
    print(usage(), end="")
    return DONE if arguments else USER_MISTAKE


def _of_own_code(error: Exception | SystemExit) -> OwnCodeError | None:
    from attnlab.runs import own_crash

    return own_crash.told(error)


def _without_memory(error: Exception, command: str) -> int | None:
    """The exit status, where an error comes of memory that gave out, which is said then."""
    from attnlab.launch.ending import amount_asked, without_memory

    if (cause := without_memory(error)) is None:
        return None
    less = LESS.get(command, "let it do less at a time, or do it where there is more")
    _mistake(f"there must be memory for what is asked, got none{amount_asked(cause)} ({less})")
    return FAILED


def _find_home() -> None:
    """A folder for caches where none is known: in a container, HOME may be unset and the user in no list."""
    if os.path.expanduser("~") == "~":
        os.environ["HOME"] = os.path.join(tempfile.gettempdir(), f"attnlab-{os.getuid()}")
        print(f"no home is known, and {os.environ['HOME']} stands for it (set HOME)", file=sys.stderr)


def _mistake(message: str) -> int:
    print(f"error: {without_controls(' '.join(message.split()))}", file=sys.stderr)
    return USER_MISTAKE
