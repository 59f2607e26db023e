import pytest
from tiny_tasks import TASKS, build_tiny

from attnlab.tasks.abilities import ChoosesTrainers, CountsConfusions, ReadsFiles, RecordsExamples, ShowsAttention

HAS_CONFUSION = {"ner", "image_classification"}


@pytest.mark.parametrize("name", TASKS)
def test_abilities_are_asked_by_protocols(name: str) -> None:
    task = build_tiny(name)
    assert isinstance(task, ShowsAttention)
    assert isinstance(task, RecordsExamples)
    assert isinstance(task, CountsConfusions) == (name in HAS_CONFUSION)
    assert isinstance(task, ReadsFiles) == isinstance(task, ChoosesTrainers) == (name == "image_generation")
