"""Is an arm better than its control, over new seeds and new examples? All from plain arrays."""

from attnlab.study.statistics.effects import check_pairing
from attnlab.study.statistics.judge import judge
from attnlab.study.statistics.leave_one_out import LeftOut, by_cluster, centred, leave_one_out
from attnlab.study.statistics.looks import alpha_at
from attnlab.study.statistics.planning import Spread, can_be_met, expected_standard_error
from attnlab.study.statistics.sentences import (
    chinese,
    chinese_in_brief,
    chinese_of_components,
    chinese_of_examples,
    chinese_of_power,
    chinese_of_runs,
    chinese_of_this_test_set,
    chinese_reasons,
    english,
    english_in_brief,
    english_of_components,
    english_of_examples,
    english_of_power,
    english_of_runs,
    english_of_this_test_set,
    english_reasons,
)
from attnlab.study.statistics.too_few import TooFew, too_few_examples, too_few_images
from attnlab.study.statistics.verdict import ArmRuns, Comparison, Verdict

__all__ = [
    "ArmRuns",
    "Comparison",
    "LeftOut",
    "Spread",
    "TooFew",
    "Verdict",
    "alpha_at",
    "by_cluster",
    "can_be_met",
    "centred",
    "check_pairing",
    "chinese",
    "chinese_in_brief",
    "chinese_of_components",
    "chinese_of_examples",
    "chinese_of_power",
    "chinese_of_runs",
    "chinese_of_this_test_set",
    "chinese_reasons",
    "english",
    "english_in_brief",
    "english_of_components",
    "english_of_examples",
    "english_of_power",
    "english_of_runs",
    "english_of_this_test_set",
    "english_reasons",
    "expected_standard_error",
    "judge",
    "leave_one_out",
    "too_few_examples",
    "too_few_images",
]
