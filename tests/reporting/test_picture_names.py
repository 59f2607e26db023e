"""What pictures name in English is said in the language that is wanted."""

import pytest

from attnlab.reporting.picture_names import axis_name, example_name, panel_name, place_in_chinese


def test_in_english_paths_are_put_in_words() -> None:
    assert panel_name("stages.0.1.feature_attention") == "stage 1, block 2"
    assert axis_name("attends to") == "attends to"


@pytest.mark.usefixtures("in_chinese")
def test_in_chinese_places_axes_and_heads_have_their_words_and_others_stay() -> None:
    assert panel_name("stages.0.1.feature_attention") == "第 1 阶段，第 2 块"
    assert panel_name("head 3") == "第 3 头"
    assert panel_name("3 dog 71%") == "3 dog 71%"
    assert (axis_name("attends to"), axis_name("token"), axis_name("mine"), axis_name("")) == (
        "看向",
        "词元",
        "mine",
        "",
    )


def test_a_place_with_a_part_that_isnt_known_stays_whole() -> None:
    assert place_in_chinese("encoder, layer 2") == "编码器，第 2 层"
    assert place_in_chinese("stage 1, mine 2") == "stage 1, mine 2"
    assert place_in_chinese("mine") == "mine"


def test_an_example_that_is_made_up_has_a_name_in_both_languages_and_a_file_its_own() -> None:
    assert example_name("scene 336") == ("scene 336", "场景 336")
    assert example_name("scene 336.jpg") == ("scene 336.jpg", "scene 336.jpg")
