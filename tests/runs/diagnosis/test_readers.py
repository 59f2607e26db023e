"""What a model makes of a batch: its score, its map, and what is out of reach."""

import pytest
import torch
from tiny_tasks import build_tiny, config_of

from attnlab.attention import Look, mask_keys, watch_attention
from attnlab.data import ImageBatch, TaggingBatch, TextPairBatch
from attnlab.models.special_tokens import BOS, EOS
from attnlab.runs.diagnosis.readers import GridReader, ImageReader, TaggingReader, TextPairReader, network_of, reader_of


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
def test_of_texts_the_map_is_over_words_and_a_deleted_one_is_renormalised_away() -> None:
    task = build_tiny("translation").eval()
    batch = _texts()
    reader = reader_of(task, batch)
    assert isinstance(reader, TextPairReader)
    assert reader.deletable(batch).tolist() == [[True, True, True, False], [True, True, False, False]]
    looks = _looks(reader, task, batch)
    maps = reader.maps(batch, looks)
    assert maps is not None
    assert maps.sum(1).tolist() == pytest.approx([1, 1])
    assert maps[1, 3] == 0
    log_probs = task.model(batch.source, batch.target[:, :-1]).log_softmax(2)
    by_hand = log_probs[1, [0, 1], [8, EOS]].mean()
    assert float(reader.run(batch)[1]) == pytest.approx(float(by_hand), rel=1e-6)
    kept = torch.ones(2, 4, dtype=torch.bool)
    kept[0, 1] = False
    with mask_keys(network_of(task), reader.masks(batch, kept)):
        after = reader.alignments(_looks(reader, task, batch))
    before = reader.alignments(looks)
    assert before is not None
    assert after is not None
    left = before[0] * kept[0]
    torch.testing.assert_close(after[0], left / left.sum(1, keepdim=True), atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(after[1], before[1])


@pytest.mark.parametrize("direction", ["bidirectional", "forward", "backward"])
@torch.no_grad()
def test_of_a_tagger_the_map_stands_in_the_sentences_own_order(direction: str) -> None:
    task = build_tiny("ner", config_of("ner", f"model.direction={direction}")).eval()
    batch = _words()
    reader = reader_of(task, batch)
    assert isinstance(reader, TaggingReader)
    maps = reader.maps(batch, _looks(reader, task, batch))
    assert maps is not None
    assert maps.sum(1).tolist() == pytest.approx([1, 1])
    assert maps[1, 2:].tolist() == [0, 0]
    kept = torch.tensor([[False, True, True, True], [True] * 4])
    with mask_keys(network_of(task), reader.masks(batch, kept)):
        after = reader.maps(batch, _looks(reader, task, batch))
    assert after is not None
    assert after[0, 0] == 0
    torch.testing.assert_close(after[1], maps[1])


@torch.no_grad()
def test_of_a_grid_every_cell_can_be_deleted_and_the_class_token_stays() -> None:
    small = ["model=vit", "model.patch_size=7", "model.num_layers=2", "model.num_heads=2"]
    task = build_tiny("image_classification", config_of("image_classification", *small)).eval()
    batch = _images()
    reader = reader_of(task, batch)
    assert isinstance(reader, GridReader)
    assert reader.deletable(batch).shape == (3, 16)
    maps = reader.maps(batch, [])
    assert maps is not None
    assert maps.shape == (3, 16)
    kept = torch.zeros(3, 16, dtype=torch.bool)
    masks = reader.masks(batch, kept)
    assert masks["self"].sum(1).tolist() == [1, 1, 1]
    with mask_keys(network_of(task), masks):
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
    assert maps.sum(1).tolist() == pytest.approx([1, 1, 1])
    resnet = build_tiny("image_classification", config_of("image_classification", "model=resnet", "model.num_blocks=1"))
    assert type(reader_of(resnet, _images())) is ImageReader


def test_generated_images_are_no_answers() -> None:
    assert reader_of(build_tiny("image_generation"), _images(28)) is None
