"""A table for a paper."""

from pathlib import Path

from tiny_results import made_results

from attnlab.study.latex import escaped, latex_lines


def test_it_takes_any_text() -> None:
    assert escaped("a_b & 50 % < x\\y") == r"a\_b \& 50 \% \textless{} x\textbackslash{}y"


def test_a_numbers_minus_is_one_and_a_hyphen_stays() -> None:
    assert escaped("-0.012 to +0.012") == "$-$0.012 to +0.012"
    assert escaped("-0.31 to -.04") == "$-$0.31 to $-$.04"
    assert escaped("6-11 seeds, arm-1, -") == "6-11 seeds, arm-1, -"


def test_rows_have_as_many_cells_as_columns_and_braces_are_closed(tmp_path: Path) -> None:
    lines = list(latex_lines(made_results(tmp_path)))
    [columns] = [line.partition("@{}")[2].partition("@{}")[0] for line in lines if r"\begin{tabular}" in line]
    rows = [line for line in lines if line.endswith(r"\\")]
    assert len(rows) == 4
    assert {line.count(" & ") + 1 for line in rows} == {len(columns)}
    assert columns.startswith("llr")
    text = "\n".join(lines)
    assert text.count("{") == text.count("}")
