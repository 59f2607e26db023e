"""What a command line has and its command hasn't is told with what to write instead."""

from importlib import import_module

import pytest

from attnlab.commands import cli
from attnlab.commands.arguments import parser
from attnlab.commands.mistyped import Typed
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "given, said",
    [
        ("predict run --file a.txt", ": TEXT or FILE or FOLDER is given without an option"),
        ("predict run --text-files a.txt", ": TEXT or FILE or FOLDER is given without an option"),
        ("predict --run run", ": RUN is given without an option"),
        ("predict run text --map-file a.png", " (did you mean --map?)"),
        ("predict run text --batch_size 3", " (did you mean --batch-size?)"),
        ("predict run text --quiet", ""),
        ("evaluate run --data.root corpus", ": values have no dashes (write data.root=...)"),
        ("evaluate run --task.beam_size 2", ": values have no dashes (write task.beam_size=...)"),
        (
            "evaluate run --split val",
            ": what can be changed is written data.KEY=VALUE, task.KEY=VALUE or trainer.KEY=VALUE",
        ),
        ("evaluate run --quiet", ""),
        ("study NAME --seeds 3", ": values have no dashes (write seeds=3)"),
        ("study NAME --seeds 3 --dry-run", ": values have no dashes (write seeds=3)"),
        ("study NAME --seeds --dry-run", ""),
        ("slurm-script --seed 3", ": values have no dashes (write seed=3)"),
        ("evaluate run --html", ": a run's page is what attnlab view RUN writes"),
        (
            "explain dot --page a.html",
            ": maps are drawn as PNG files, in the folder of --out, and a run's page is what "
            "attnlab view RUN writes (drop it)",
        ),
        ("study NAME --html", ": a study's page is written with its results, report.html in its folder (drop it)"),
        ("view run --html a", ": a page is all that view writes (set --out for another file)"),
        ("compare run --page a", " (did you mean --html?)"),
    ],
)
def test_an_option_that_isnt_there_guesses_what_is_meant_and_nothing_else(given: str, said: str) -> None:
    command, *rest = given.split()
    with pytest.raises(UserError) as refusal:
        import_module(cli.COMMANDS[command][0]).run(rest)
    wrong = next(each for each in rest if each.startswith("--"))
    assert str(refusal.value) == (
        f"no such option of attnlab {command}, got {wrong}{said} (see attnlab {command} --help)"
    )


@pytest.mark.parametrize(
    "given, said",
    [
        ("figures run --width 16 cm", "--width takes one word, got '16 cm' (write --width 16cm)"),
        ("figures run --width=1.5 in --num 1", "--width takes one word, got '1.5 in' (write --width 1.5in)"),
        ("predict run --width 150 mm text", "--width takes one word, got '150 mm' (write --width 150mm)"),
        ("check dot --set window 5", "--set takes one word, got 'window 5' (write --set window=5)"),
        ("check --set window -5 dot", "--set takes one word, got 'window -5' (write --set window=-5)"),
        ("check dot --set kind relu", "--set takes one word, got 'kind relu' (write --set kind=relu)"),
        ("check dot --set a=1 sigmoid", "too many arguments of attnlab check, got sigmoid: drop sigmoid"),
        ("figures run other --width 16", "one run is drawn at a time, got 2 (give one)"),
    ],
)
def test_a_value_in_two_words_is_told_how_it_is_one(given: str, said: str) -> None:
    command, *rest = given.split()
    with pytest.raises(UserError) as refusal:
        import_module(cli.COMMANDS[command][0]).run(rest)
    assert str(refusal.value).removesuffix(f" (see attnlab {command} --help)") == said


@pytest.mark.parametrize(
    "given, said",
    [
        ("explain scaled_dot ——query 1,0.8", "got ——query (write --query)"),
        ("list –-task ner", "got –-task (write --task)"),
        ("predict last —json text", "got —json (write --json)"),
        ("explain scaled_dot –h", "got –h (write -h)"),
    ],
)
def test_an_option_with_another_scripts_dash_is_told_how_it_is_written(given: str, said: str) -> None:
    command, *rest = given.split()
    with pytest.raises(UserError) as refusal:
        import_module(cli.COMMANDS[command][0]).run(rest)
    assert f"own -, {said} (see attnlab {command} --help)" in str(refusal.value)


@pytest.mark.parametrize(
    "given", ["predict run text --map ／m.png", "view run --out a／b.html", "explain dot --out d／e"]
)
def test_a_place_with_another_scripts_slash_is_refused(given: str) -> None:
    command, *rest = given.split()
    with pytest.raises(UserError, match=r"parted by the keyboard's own /, got --\w+ \S+ \(write --"):
        import_module(cli.COMMANDS[command][0]).run(rest)


def test_a_text_that_begins_with_a_dash_is_no_option() -> None:
    assert not Typed(parser("predict", ""), ("—", "——well", "--", "——help")).dashed()
