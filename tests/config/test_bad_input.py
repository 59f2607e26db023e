"""Each mistake of a user's is one line that names it, with exit status 2 and nothing lost."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny import run, write_corpus

from attnlab.commands import cli

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def _empty(folder: Path) -> None:
    (folder / "train.en").write_text("")


def _shorter(folder: Path) -> None:
    path = folder / "val.es"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def _broken_gz(folder: Path) -> None:
    path = folder / "train.en"
    whole = gzip.compress(path.read_bytes())
    path.unlink()
    (folder / "train.en.gz").write_bytes(whole[: len(whole) // 2])


def _latin1(folder: Path) -> None:
    path = folder / "test.es"
    path.write_bytes(b"uno\n\xf1and\xfa\n" + path.read_bytes())


def _missing(folder: Path) -> None:
    (folder / "val.en").unlink()


@pytest.mark.parametrize(
    "spoil, expected",
    [
        (_empty, ["train.en", "empty"]),
        (_shorter, ["same number of lines", "13", "12", "val.es"]),
        (_broken_gz, ["train.en.gz"]),
        (_latin1, ["test.es", "UTF-8", "line 2"]),
        (_missing, ["val.en", "data.corpus.val_source"]),
    ],
)
def test_broken_data_is_one_line_naming_the_file(
    corpus: Path, capsys: pytest.CaptureFixture[str], spoil: Callable[[Path], None], expected: list[str]
) -> None:
    spoil(corpus)
    assert run(corpus, "output_dir=run") == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if "error: " in line]
    assert len(errors) == 1
    for part in expected:
        assert part in errors[0]


def test_a_sentence_of_ten_thousand_words_is_counted_not_fatal(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, word in (("train.en", "one"), ("train.es", "uno"), ("test.en", "two"), ("test.es", "dos")):
        with (corpus / name).open("a") as file:
            file.write(" ".join([word] * 10_000) + "\n")
    assert run(corpus, "output_dir=run", "trainer.max_steps=4") == 0
    printed = capsys.readouterr().err
    assert "left out 1 of 62 training pairs: 0 empty, 1 too long; the first: pairs 62" in printed
    assert "1 of 8 sources of test are cut to data.max_source_length=24, and are scored against whole" in printed
    capsys.readouterr()
    assert cli.main(["predict", "run", " ".join(["one"] * 10_000)]) == 0
    assert "cut 1 of 1 inputs to the 24 tokens that the model reads" in capsys.readouterr().err


@pytest.mark.parametrize(
    "override, expected",
    [
        ("model.dim=0", "model.dim"),
        ("model.dropout=1.5", "dropout"),
        ("model.num_heads=5", "model.num_heads"),
        ("task.label_smoothing=2.0", "set task.label_smoothing"),
        ("task.beam_size=0", "set task.beam_size"),
        ("task.mode=down", "task.mode"),
        ("task.monitor=val/f1", "monitor must be one of val/loss, val/perplexity, val/bleu, val/chrf"),
        ("task.monitor=val/bleu", "mode must be max for val/bleu, got 'min' (set task.mode)"),
        ("task.mode=max", "mode must be min for val/loss, got 'max' (set task.mode)"),
        ("task.length_penalty=-1.0", "set task.length_penalty"),
        ("seed=99999999999", "seed must be from 0 to 4294967295"),
        ("optimizer.betas=3", "optimizer.betas must be a list, got 3"),
        ("attention.core=additive", "attention.core must be a group of values, got 'additive'"),
        ("init_from=[3]", "init_from must be text, got [3]"),
        ("model=null", "model is needed (choose from attention_"),
        ("data.batch_tokens=0", "set data.batch_tokens"),
        ("data.max_source_length=1", "set data.max_source_length"),
        ("tokenizer.vocab_size=10", "set tokenizer.vocab_size"),
        ("tokenizer.vocab_size=1000000000", "vocab_size must be 1048576 or less, got 1000000000 (set tokenizer.vocab"),
        ("scheduler.final_factor=7.0", "set scheduler.final_factor"),
        ("optimizer.lr=-1.0", "optimizer.lr must be from 0 to 1000, got -1.0 (set optimizer.lr)"),
        ("trainer.max_steps=0", "set trainer.max_steps"),
        ("trainer.precision=12", "trainer.precision must be"),
        ("trainer.precision=half", "trainer.precision must be"),
        ("trainer.threads=0", "set trainer.threads"),
        ("trainer.threads=two", "trainer.threads must be a whole number or null, got 'two'"),
        ("callbacks.samples.num_samples=-1", "set callbacks.samples.num_samples"),
        ("+callbacks.samples.colour=red", "callbacks.samples takes no 'colour'"),
    ],
)
def test_a_value_out_of_range_is_found_before_any_data_is_read(
    capsys: pytest.CaptureFixture[str], override: str, expected: str
) -> None:
    """The corpus isn't there, so anything that read it would complain of that instead."""
    Path("bare").mkdir()
    assert run(Path("bare"), "output_dir=run", override) == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if "error: " in line]
    assert len(errors) == 1
    assert expected in errors[0]
    assert "bare" not in errors[0]


def test_a_folder_that_cannot_be_written_is_named(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("taken").write_text("a file")
    assert run(corpus, "output_dir=taken/run") == 2
    assert "taken is a file (set output_root, or output_dir)" in capsys.readouterr().err
    # /proc refuses writes even to root, for whom permission bits mean nothing.
    assert run(corpus, "output_dir=/proc/run") == 2
    error = capsys.readouterr().err
    assert "error: " in error
    assert "/proc" in error
    assert "set output_root, or output_dir" in error


@pytest.mark.parametrize(
    "arguments, expected",
    [
        (["predict"], "attnlab predict needs RUN, a run: its folder, "),
        (["predict", "nowhere", "text"], "no such run folder or checkpoint, got nowhere"),
        (["predict", ".", "text"], "no checkpoint in this folder, got . (give a run's folder, which has checkpoints"),
        (["predict", "torn.ckpt", "text"], "damaged or not a checkpoint, got torn.ckpt"),
        (["predict", "torn.ckpt", "text", "--beam-size", "0"], "--beam-size must be 1 or more, got 0"),
        (["evaluate", "torn.ckpt"], "damaged or not a checkpoint, got torn.ckpt"),
        (["train", "resume=nowhere"], "no run to resume, got nowhere"),
        (["train", "--nosuch"], "no such option of attnlab train, got '--nosuch'"),
        (["train", "--config-dir", "nowhere"], "no such folder, got nowhere"),
        (["train", "-cd", "nowhere"], "no such folder, got nowhere"),
        (["train", "--config-dir"], "--config-dir needs a value"),
        (["train", "-m", "attention=glob(a*)"], "a sweep is over values in a row"),
        (["train", "-m", "optimizer.lr=interval(0,1)"], "a sweep is over values in a row"),
        (["predict", "torn.ckpt", "text", "--map", "map.xyz"], "a figure is a PNG, PDF or SVG, got map.xyz"),
        (["list", "colours"], "no such group or name, got 'colours'"),
        (["nosuch"], "no such command, got 'nosuch'"),
    ],
)
def test_a_mistake_at_the_command_line_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    Path("torn.ckpt").write_bytes(b"PK\x03\x04 torn")
    assert cli.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert expected in error


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on text, hardly trained."""
    folder = tmp_path_factory.mktemp("trained")
    small = ["trainer.max_steps=1", f"data.cache_dir={folder / 'cache'}", f"output_dir={folder / 'run'}"]
    assert run(write_corpus(folder / "corpus"), *small) == 0
    return folder / "run"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("bytes.txt", "bytes.txt isn't UTF-8 text: byte 0xff in line 2"),
        ("empty.txt", "empty.txt is empty (give TEXT or a FILE"),
        ("verse.txt", "no such file, got verse.txt"),
        ("README.md", "no such file, got README.md"),
        ("page.html.gz", "no such file, got page.html.gz"),
        ("rows.jsonl", "predict reads one text a line, got rows.jsonl, whose lines are JSON"),
        ("torn.txt.gz", "a packed file must be whole, got torn.txt.gz"),
        ("\udcff", "the text isn't UTF-8"),
        ("photo.png", "takes no images, got photo.png"),
    ],
)
def test_text_that_cannot_be_read_is_one_line(
    trained: Path, capsys: pytest.CaptureFixture[str], text: str, expected: str
) -> None:
    Path("bytes.txt").write_bytes(b"good\n\xff\n")
    Path("empty.txt").write_text("")
    Path("rows.jsonl").write_text('{"text": "one"}\n')
    Path("torn.txt.gz").write_bytes(gzip.compress(b"one two three\n" * 99)[:20])
    assert cli.main(["predict", str(trained), text]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert expected in error


@pytest.mark.parametrize("text", [["See README.md"], ["Node.js", "--text"]])
def test_a_text_that_ends_as_some_files_do_is_a_text(
    trained: Path, capsys: pytest.CaptureFixture[str], text: list[str]
) -> None:
    assert cli.main(["predict", str(trained), *text, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["input"] == text[0]
