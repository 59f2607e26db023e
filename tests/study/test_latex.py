"""A table for a paper."""

from attnlab.study.latex import escaped


def test_it_takes_any_text() -> None:
    assert escaped("a_b & 50 % < x\\y") == r"a\_b \& 50 \% \textless{} x\textbackslash{}y"
