"""A model too large for this machine is refused before any of its weights is made."""

import pytest
import torch
from tiny_tasks import codec_of, config_of

from attnlab.errors import UserError
from attnlab.runs import build, room


@pytest.mark.parametrize(
    "task, override, message",
    [
        ("ner", "attention=relative", r"GB of them by attention.core.max_distance=1000000000 \(set attention.core"),
        ("translation", "data.max_target_length=500000", r"GB of them by data.max_target_length=500000"),
    ],
)
def test_weights_that_fill_the_memory_are_named_with_the_number_that_they_are_made_by(
    task: str, override: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned = ["model=transformer", "model.learned_positions=true"]
    more = learned if task == "translation" else ["attention.core.max_distance=1000000000"]
    monkeypatch.setattr(room, "memory_bytes", lambda: 10**7)
    config = config_of(task, override, *more)
    with torch.device("meta"):
        made = build.build_task(config, codec_of(task).sizes, None)
    with pytest.raises(UserError, match=message):
        room.check_room(made, config, build.build_settings(config))


def test_a_model_that_finds_room_is_let_pass() -> None:
    config = config_of("translation")
    with torch.device("meta"):
        made = build.build_task(config, codec_of("translation").sizes, None)
    room.check_room(made, config, build.build_settings(config))
