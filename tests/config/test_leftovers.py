"""Values that an experiment sets for data or a model of its own are named where others are chosen."""

import re

import pytest

from attnlab.config.compose import compose_run
from attnlab.errors import UserError

OTHER_DATA = ["experiment=translation_quickstart", "data=synthetic_translation"]


def test_an_experiments_values_for_other_data_are_named_with_what_drops_them() -> None:
    with pytest.raises(
        UserError, match=r"for its data=bible_en_es, and data=synthetic_translation has no such"
    ) as said:
        compose_run(OTHER_DATA)
    dropped = re.findall(r"~[\w.]+", str(said.value))
    assert dropped
    assert compose_run([*OTHER_DATA, *dropped])["data"]["_target_"]


def test_what_the_data_chosen_have_a_key_for_is_no_leftover() -> None:
    assert compose_run(["experiment=translation_quickstart", "data=bible_en_es", "data.corpus.max_words=9"])
