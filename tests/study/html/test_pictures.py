"""Pictures of test examples."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from PIL import Image
from tiny_results import made_results

from attnlab.errors import UserError
from attnlab.study.html import pictures
from attnlab.study.html.of_study import subject_of
from attnlab.study.html.subject import Subject

GREY = torch.arange(6, dtype=torch.uint8).reshape(1, 2, 3)


class _Data:
    """Of classified images; nothing is read."""

    def __init__(self, checksum: str = "abc") -> None:
        self.checksum, self.prepared = checksum, False

    def prepare_data(self) -> None:
        self.prepared = True

    def image(self, split: str, number: int) -> torch.Tensor:
        assert (split, self.prepared) == ("test", True)
        return GREY[:, :, : number + 1]


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    found = subject_of(made_results(tmp_path))
    node = {"_target_": "attnlab.data.FashionMnist", "cache_dir": "/elsewhere"}
    return replace(found, arms=[replace(each, config={"data": node}) for each in found.arms])


def _given(monkeypatch: pytest.MonkeyPatch, data: Any) -> list[Any]:
    configs: list[Any] = []
    monkeypatch.setattr(pictures.build, "build_data", lambda config: (configs.append(config), data)[1])
    monkeypatch.setattr(pictures, "stored_data", lambda config, folder: (configs.append(folder), data)[1])
    return configs


def test_pictures_are_of_the_test_and_have_their_size(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    _given(monkeypatch, _Data())
    found = pictures.pictures_of(subject, [0, 2])
    assert {number: each.size for number, each in found.items()} == {0: (1, 2), 2: (3, 2)}
    assert all(each.address.startswith("data:image/png;base64,") for each in found.values())


def test_pictures_of_a_detector_are_what_it_is_shown(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    data = _Data()
    data.picture = lambda split, number: SimpleNamespace(pixels=GREY)  # type: ignore[attr-defined]
    _given(monkeypatch, data)
    assert pictures.pictures_of(subject, [1])[1].size == (3, 2)


def test_other_data_than_the_runs_were_tested_on_has_no_pictures(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    _given(monkeypatch, _Data("another"))
    assert pictures.pictures_of(subject, [0]) == {}


def test_data_of_a_stranger_is_had_as_that_of_any_record_is(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    given = _given(monkeypatch, _Data())
    assert pictures.pictures_of(replace(subject, trusted=False), [0])
    assert given == [subject.arms[0].runs[0].folder]
    monkeypatch.undo()

    def refused(config: Any, **_: Any) -> Any:
        raise UserError("no such target")

    monkeypatch.setattr(pictures, "stored_data", refused)
    assert pictures.pictures_of(replace(subject, trusted=False), [0]) == {}


def test_what_a_generator_made_is_made_small(tmp_path: Path) -> None:
    assert pictures.generated_picture(tmp_path) is None
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "grid.png").write_text("no picture")
    assert pictures.generated_picture(tmp_path) is None
    Image.new("L", (2000, 10)).save(tmp_path / "samples" / "grid.png")
    address = pictures.generated_picture(tmp_path)
    assert address is not None
    assert len(address) < 10_000
