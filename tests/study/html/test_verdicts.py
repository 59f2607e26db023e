"""Verdicts on a page."""

import re
from pathlib import Path
from typing import get_args

import pytest
from tiny_results import made_results

from attnlab.study.html import verdicts
from attnlab.study.html.of_study import subject_of
from attnlab.study.html.subject import Subject
from attnlab.study.statistics.verdict import Finding, Mark, Over


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    return subject_of(made_results(tmp_path_factory.mktemp("study")))


def test_every_finding_mark_and_scope_has_its_words() -> None:
    assert set(verdicts.LABELS) == set(get_args(Finding))
    assert set(verdicts.MARKS) == set(get_args(Mark))
    assert set(verdicts.OVER) == set(get_args(Over))


def test_the_summary_says_which_arm_is_better_and_by_how_much(subject: Subject) -> None:
    found = {what.english: which.english for what, which in verdicts.summary(subject)}
    assert found == {"Better than uniform in accuracy:": "additive (+0.61)", "Undecided:": "none (+0.09)"}


def test_why_to_believe_it_stands_with_each_pair(subject: Subject) -> None:
    additive, none = verdicts.findings(subject)
    believed = {what.english: how.english for what, how in additive.believe}
    assert believed["Seeds"] == "additive: 5; uniform: 5"
    assert believed["The interval holds"] == "for new seeds and new examples"
    assert believed["p if there were no difference"].endswith(" (Holm's, of 2), below 0.05")
    assert {"unstable", "confounded"} <= {what.english for what, _ in none.believe}
    assert [each.english for each in none.marks] == ["unstable", "confounded"]
    assert "none: 4 finished, 1 failed" in dict(none.believe)[none.believe[0][0]].english


def test_a_verdict_is_a_short_sentence_that_what_stands_behind_it_does_not_repeat(subject: Subject) -> None:
    for language in (0, 1):
        additive, none = verdicts.findings(subject)
        assert len(additive.sentence[language]) < 110
        assert additive.sentence.english.startswith(
            "additive is better than uniform in accuracy: +0.61 (95 % interval "
        )
        assert "failed" in none.sentence.english, "what may have chosen the scores stands first"
        for finding in (additive, none):
            behind = [how[language] for _, how in finding.believe] + [each[language] for each in finding.beside]
            said = re.search(r"[-+]0\.\d+ \S+ [-+]0\.\d+", finding.sentence[language])
            assert said is not None
            assert not any(said[0] in each for each in behind)


def test_the_table_is_the_reports_in_both_languages(subject: Subject, tmp_path: Path) -> None:
    table = verdicts.table(subject)
    assert [row[0].english for row in table.rows] == ["uniform", "additive", "none"]
    assert [row[1].chinese for row in table.rows][:1] == ["对照组"]
    assert [head.english for head in table.heads][1] == "verdict"
    assert len(verdicts.notes_below(subject)) == 1


def test_arms_without_the_control_are_compared_in_a_table_whose_columns_of_words_have_no_numbers(
    subject: Subject,
) -> None:
    pairs = verdicts.pairs_of(subject)
    assert pairs is not None
    for place in range(len(pairs.table.heads)):
        signs = "".join(row[place].english for row in pairs.table.rows)
        assert (place in pairs.table.words) == (not any(sign.isdigit() for sign in signs)), signs
