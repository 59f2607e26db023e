"""A classifier of the user's own, in whose features generated pictures are compared."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from tiny_images_run import run, write_extract

from attnlab import metrics
from attnlab.errors import UserError
from attnlab.runs import build, checkpoint
from attnlab.runs.trained_classifier import TAKEN, TrainedClassifier

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("classifier")
    extract = write_extract(folder / "extract")
    options = ("model=resnet", "model.num_blocks=1", "trainer.max_steps=2", "trainer.val_check_interval=2")
    assert run(extract, *options, f"output_dir={folder / 'run'}", f"data.cache_dir={folder}", "callbacks=none") == 0
    return folder / "run"


def test_features_and_classes_are_those_of_the_run(trained: Path) -> None:
    before = torch.get_rng_state()
    extractor = TrainedClassifier(run=str(trained), name="my_resnet")
    extractor.load()
    assert torch.equal(torch.get_rng_state(), before)
    _, predictor = build.restore_predictor(checkpoint.find(trained))
    pictures = torch.randint(0, 256, (11, 1, 28, 28), dtype=torch.uint8)
    features = extractor.features(pictures)
    assert features.shape == (11, 32)
    torch.testing.assert_close(extractor.logits(features), predictor.model(predictor.codec.normalise(pictures)))
    assert list(extractor.classes) == predictor.codec.classes
    assert extractor.signature.startswith("my_resnet|image_classification/")


def test_nothing_is_read_before_it_is_needed() -> None:
    extractor = TrainedClassifier(run="nowhere", name="far")
    assert extractor.name == "far"
    with pytest.raises(UserError, match=r"no such run folder or checkpoint, got nowhere \(set extractor.run\)"):
        extractor.load()


@pytest.mark.parametrize("name", ["My net", "", "1st", "inception", "fashion_mnist_cnn"])
def test_a_name_is_in_snake_case_and_its_own(name: str) -> None:
    with pytest.raises(ValueError, match=r"name must be in lower case, .* \(set extractor.name\)"):
        TrainedClassifier(run="run", name=name)


def test_the_names_of_all_other_extractors_are_taken() -> None:
    assert sorted(TAKEN) == sorted(getattr(metrics, each).name for each in metrics.__all__)


def test_a_run_of_another_task_is_refused(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "restore_predictor", lambda path: ({}, SimpleNamespace(codec=None)))
    with pytest.raises(UserError, match=r"this run trained no image classifier, got .*run \(set extractor.run\)"):
        TrainedClassifier(run=str(trained), name="other").load()
