"""What a person reads of a row that was verified: `tests/study/test_verifying.py` reads it of real ones."""

from pathlib import Path

from attnlab.commands.study.verify_text import verified_lines
from attnlab.study.plan import Job
from attnlab.study.verifying import Check, Compared, Verification

JOB = Job(arm="dot", seed=3, overrides=(), config={}, folder=Path("outputs", "run"))


def test_each_line_says_what_differs_and_what_that_means() -> None:
    checks = (Check("data", "a" * 64, "a" * 64, decides=True), Check("commit", None, "c" * 40, decides=False))
    found = Verification(JOB, checks, Compared(50, True, 0.02, (7, "loss"), ("torch 2.3 then, 2.4 now",)))
    assert list(verified_lines(found)) == [
        "row dot/3: outputs/run",
        "  data    aaaaaaaaaaaa  as on record",
        "  commit  not recorded  DIFFERS: cccccccccccc now, which alone decides nothing",
        "  losses: each of the first 50 updates, trained again",
        "    largest relative difference 0.02, of loss at update 7 (0.001 is allowed elsewhere)",
        "    torch 2.3 then, 2.4 now",
        "NOT verified: the losses aren't those on record",
    ]
