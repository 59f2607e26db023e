"""A text between a web page's quotes that a shell has parted is told; one that it kept together is anybody's."""

import shlex

import pytest

from attnlab.commands.cli import main
from attnlab.commands.typed_quotes import check_quotes
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "line, meant",
    [
        ("RUN “Y vio Dios.”", '(write "Y vio Dios.")'),
        ("RUN “Y vio Dios.” “Y fue.” --json", '(write "Y vio Dios.")'),
        ("RUN «Y vio Dios.»", '(write "Y vio Dios.")'),
        ("RUN „Und Gott sah“", '(write "Und Gott sah")'),
        ("RUN ＂And God＂", '(write "And God")'),
        ("RUN “costs 5$ now”", "(write 'costs 5$ now')"),
        ("dot --query=“1, 0”", '(write --query="1, 0")'),
        ("dot --keys “1, 0”", '(write "1, 0")'),
        ("name=“my run”", '(write name="my run")'),
    ],
)
def test_several_words_between_such_quotes_are_told(line: str, meant: str) -> None:
    with pytest.raises(UserError) as caught:
        check_quotes(shlex.split(line))
    assert meant in str(caught.value)


@pytest.mark.parametrize(
    "arguments",
    [
        ["RUN", "“Y vio Dios.”"],
        ["RUN", "“Dios”", "“Jehová”"],
        ["RUN", "“神说：要有光”"],
        ["RUN", "“Y vio Dios", "que era bueno.”"],  # two lines of a quotation, each kept together
        ["RUN", "Y", "vio", "Dios"],
        ["RUN", "’tis", "so"],
    ],
)
def test_what_the_shell_kept_together_is_left_alone(arguments: list[str]) -> None:
    check_quotes(arguments)


def test_the_command_refuses_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "nosuch", "“Y", "vio", "Dios.”"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "keyboard's own signs" in line
