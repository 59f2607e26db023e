"""What a model makes of a batch: its score, its map, and what is out of reach."""

import pytest
import torch
from tiny_tasks import build_tiny, config_of

from attnlab.attention import Look, delete_keys, watch_attention
from attnlab.data import ImageBatch, LanguageBatch, TaggingBatch, TextPairBatch
from attnlab.models.special_tokens import BOS, EOS
from attnlab.runs.diagnosis.readers import (
    GridReader,
    ImageReader,
    LanguageReader,
    TaggingReader,
    TextPairReader,
    network_of,
    reader_of,
)


def _texts() -> TextPairBatch:
    source = torch.tensor([[7, 11, 9, EOS], [5, 8, EOS, 0]])
    target = torch.tensor([[BOS, 6, 9, EOS], [BOS, 8, EOS, 0]])
    return TextPairBatch(torch.tensor([0, 1]), source, target)


def _images(size: int = 28) -> ImageBatch:
    images = torch.randn(3, 1, size, size, generator=torch.Generator().manual_seed(0))
    return ImageBatch(torch.arange(3), images, torch.tensor([1, 0, 4]))


def _words() -> TaggingBatch:
    words = torch.tensor([[4, 5, 6, 4], [5, 6, 0, 0]])
    labels = torch.tensor([[1, 2, 0, 0], [0, 3, -100, -100]])
    return TaggingBatch(torch.tensor([0, 1]), words, torch.ones(2, 4, 5, dtype=torch.long), labels)


def _looks(reader, task, batch) -> list[Look]:  # type: ignore[no-untyped-def]
    looks: list[Look] = []
    with watch_attention(network_of(task), looks.append):
        reader.run(batch)
    return looks


@torch.no_grad()
def test_each_token_of_a_text_has_a_map_over_words_and_loses_what_is_taken_from_it_alone() -> None:
    task = build_tiny("translation").eval()
    batch = _texts()
    reader = reader_of(task, batch)
    assert isinstance(reader, TextPairReader)
    deletable = reader.deletable(batch)
    assert deletable[0].tolist() == [[True, True, True, False]] * 3
    assert deletable[1].tolist() == [[True, True, False, False]] * 2 + [[False] * 4]
    maps = reader.maps(batch, _looks(reader, task, batch))
    assert maps is not None
    torch.testing.assert_close(maps.sum(2), torch.ones(2, 3, dtype=torch.float64))
    assert (maps[1, :, 3] == 0).all()
    log_probs = task.model(batch.source, batch.target[:, :-1]).log_softmax(2)
    whole = reader.run(batch)
    assert whole[1].tolist() == pytest.approx([*log_probs[1, [0, 1], [8, EOS]].tolist(), 0], rel=1e-5)
    kept = torch.ones(2, 3, 4, dtype=torch.bool)
    kept[0, 2, 1] = False
    with delete_keys(network_of(task), reader.kept(batch, kept)):
        after = reader.run(batch)
        left = reader.maps(batch, _looks(reader, task, batch))
    assert left is not None
    torch.testing.assert_close(left[0, 2], maps[0, 2] * kept[0, 2] / (1 - maps[0, 2, 1]), atol=1e-6, rtol=1e-5)
    changed = (after - whole).abs() > 1e-6
    assert changed.tolist() == [[False, False, True], [False] * 3]


@pytest.mark.parametrize("direction", ["bidirectional", "forward", "backward"])
@torch.no_grad()
def test_each_word_has_a_map_in_the_sentences_own_order(direction: str) -> None:
    task = build_tiny("ner", config_of("ner", f"model.direction={direction}")).eval()
    batch = _words()
    reader = reader_of(task, batch)
    assert isinstance(reader, TaggingReader)
    maps = reader.maps(batch, _looks(reader, task, batch))
    assert maps is not None
    deletable = reader.deletable(batch)
    torch.testing.assert_close(maps[0].sum(1), torch.ones(4, dtype=torch.float64))
    assert (maps[0][~deletable[0]] == 0).all()
    assert (maps[0][deletable[0]] > 0).all()
    assert deletable[1, :, 2:].sum() == deletable[1, 2:].sum() == 0
    assert (maps[1, :2][~deletable[1, :2]] == 0).all()
    whole = reader.run(batch)
    assert whole.sum(1).tolist() == pytest.approx(
        (-task.model.label_scores(task.model(batch.words, batch.characters), batch.labels, batch.words != 0)).tolist(),
        rel=1e-5,
    )
    kept = torch.ones(2, 4, 4, dtype=torch.bool)
    kept[0, 2] = torch.tensor([direction != "backward", True, False, True])  # itself, and another that it sees
    with delete_keys(network_of(task), reader.kept(batch, kept)):
        changed = (reader.run(batch) - whole).abs() > 1e-6
        left = reader.maps(batch, _looks(reader, task, batch))
    assert left is not None
    assert left[0, 2, 2] == 0
    assert changed.tolist() == [[False, False, True, False], [False] * 4]


@torch.no_grad()
def test_of_a_grid_every_cell_can_be_deleted_and_the_class_token_stays() -> None:
    small = ["model=vit", "model.patch_size=7", "model.num_layers=2", "model.num_heads=2"]
    task = build_tiny("image_classification", config_of("image_classification", *small)).eval()
    batch = _images()
    reader = reader_of(task, batch)
    assert isinstance(reader, GridReader)
    assert reader.deletable(batch).shape == (3, 1, 16)
    maps = reader.maps(batch, [])
    assert maps is not None
    assert maps.shape == (3, 1, 16)
    nothing = reader.kept(batch, torch.zeros(3, 1, 16, dtype=torch.bool))
    assert nothing["self"].sum(2).tolist() == [[1]] * 3
    with delete_keys(network_of(task), nothing):
        alone = reader.run(batch)
        other = reader.run(batch._replace(images=torch.zeros_like(batch.images)))
    torch.testing.assert_close(alone, other)  # nothing of the image comes through
    assert not torch.allclose(alone, reader.run(batch))


@torch.no_grad()
def test_the_pooling_of_a_convolutional_net_is_over_its_grid_and_a_resnet_has_none() -> None:
    task = build_tiny("image_classification").eval()
    reader = reader_of(task, _images())
    assert isinstance(reader, GridReader)
    maps = reader.maps(_images(), [])
    assert maps is not None
    torch.testing.assert_close(maps.sum(2), torch.ones(3, 1, dtype=torch.float64))
    resnet = build_tiny("image_classification", config_of("image_classification", "model=resnet", "model.num_blocks=1"))
    assert type(reader_of(resnet, _images())) is ImageReader


def test_generated_images_are_no_answers() -> None:
    assert reader_of(build_tiny("image_generation"), _images(28)) is None


@torch.no_grad()
def test_of_texts_that_are_apart_the_first_of_a_block_is_read() -> None:
    task = build_tiny("language_modelling").eval()
    tokens = torch.randint(4, 30, (2, 21), generator=torch.Generator().manual_seed(0))
    batch = LanguageBatch(torch.tensor([0, 1]), tokens[:, :-1], tokens[:, 1:])
    reader = reader_of(task, batch)
    assert isinstance(reader, LanguageReader)
    whole = reader.run(batch)
    apart = batch._replace(segments=torch.tensor([[3] * 5 + [4] * 15, [0] * 20]))
    found = reader.run(apart)
    assert torch.equal(found[0], torch.where(torch.arange(16) < 5, whole[0], 0.0))
    assert torch.equal(found[1], whole[1])
    alone = reader.run(LanguageBatch(batch.ids, tokens[:, :5], tokens[:, 1:6]))
    torch.testing.assert_close(found[0, :5], alone[0])
    assert not reader.deletable(apart)[0, 5:].any()
