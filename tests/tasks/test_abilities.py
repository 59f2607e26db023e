import pytest

from attnlab import tasks
from attnlab.tasks.abilities import ChoosesTrainers, CountsConfusions, ReadsFiles, RecordsExamples, ShowsAttention


@pytest.mark.parametrize("name", sorted(tasks.PREDICTORS))
def test_abilities_are_asked_by_protocols(name: str) -> None:
    kind = getattr(tasks, name)
    generates = name == "ImageGenerationTask"
    assert issubclass(kind, ShowsAttention)
    assert issubclass(kind, RecordsExamples)
    assert issubclass(kind, CountsConfusions) == (name in ("NERTask", "ImageClassificationTask"))
    assert issubclass(kind, ReadsFiles) == issubclass(kind, ChoosesTrainers) == generates
