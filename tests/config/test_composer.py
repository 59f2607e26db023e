"""What can be chosen: ours, and the user's own."""

import pytest

from attnlab.config.compose import compose_run
from attnlab.errors import UserError


def test_the_users_own_folder_adds_options(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "optimizer").mkdir()
    (tmp_path / "optimizer" / "mine.yaml").write_text("_target_: torch.optim.SGD\n_partial_: true\nlr: 0.5\n")
    assert compose_run(["optimizer=mine"], config_dirs=[str(tmp_path)]).optimizer.lr == 0.5
    with pytest.raises(UserError, match="no optimizer is named 'mine'"):
        compose_run(["optimizer=mine"])
