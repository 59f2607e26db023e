"""Whatever a value of a configuration is changed to, its run trains or is refused in one line that names the key."""

from itertools import islice
from pathlib import Path

import pytest
from configurations import outcomes, rehearsed
from fork_server import ForkServer
from nonsense import draw, write_all

pytestmark = pytest.mark.filterwarnings("ignore")

TRAINED = 2  # of those that are let pass, in `make test`


def test_a_value_is_let_pass_or_refused_in_a_line_before_any_data_is_read(tmp_path: Path) -> None:
    read = write_all(tmp_path / "read")
    found = [(case, rehearsed(case)) for case in islice(draw(read, seed=17, varied_groups=()), 40)]
    assert [each for each in found if each[1].is_finding] == []
    assert {"trained", "refused"} == {outcome.kind for _, outcome in found}


def test_what_is_let_pass_trains(server: ForkServer, tmp_path: Path) -> None:
    found = list(outcomes(seed=3, num_cases=TRAINED, server=server, folder=tmp_path))
    assert [each for each in found if each[1].is_finding] == []


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(100, 120))
def test_none_of_many_values_ends_in_anything_else(seed: int, server: ForkServer, tmp_path: Path) -> None:
    found = list(outcomes(seed=seed, num_cases=25, server=server, folder=tmp_path))
    assert [each for each in found if each[1].is_finding] == []
