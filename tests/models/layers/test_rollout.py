"""Attention of several layers and steps, brought down to places."""

import torch

from attnlab.models.layers.rollout import attention_rollout, axial_received, axial_steps


def test_rollout_is_the_product_of_half_attention_half_identity() -> None:
    layers = [torch.rand(2, 3, 5, 5, generator=torch.Generator().manual_seed(n)).softmax(-1) for n in range(3)]
    found = attention_rollout(layers)
    for image in range(2):
        expected = torch.eye(5)
        for weights in layers:
            mean = sum(weights[image, head] for head in range(3)) / 3
            expected = (0.5 * mean + 0.5 * torch.eye(5)) @ expected
        assert torch.allclose(found[image], expected, atol=1e-6)
    assert torch.allclose(found.sum(-1), torch.ones(2, 5), atol=1e-6)


def test_rollout_of_attention_to_oneself_is_nowhere_else() -> None:
    assert torch.equal(attention_rollout([torch.eye(5).expand(2, 3, 5, 5)] * 4), torch.eye(5).expand(2, 5, 5))


def test_rollout_takes_weights_of_any_sum_and_sign() -> None:
    weights = torch.randn(2, 3, 5, 5, generator=torch.Generator().manual_seed(7)) * 9
    found = attention_rollout([weights, weights])
    assert (found >= 0).all()
    assert torch.allclose(found.sum(-1), torch.ones(2, 5), atol=1e-6)


def test_axial_steps_are_followed_back_to_each_place() -> None:
    batch, height, width = 2, 3, 5
    random = torch.Generator().manual_seed(11)
    rows = torch.rand(batch * height, 2, width, width, generator=random).softmax(-1)
    columns = torch.rand(batch * width, 2, height, height, generator=random).softmax(-1)
    found = axial_received(rows, columns, batch_size=batch)
    expected = torch.zeros(batch, 1, height, width)
    for b in range(batch):
        for i in range(height):
            for j in range(width):
                for k in range(height):
                    for m in range(width):
                        down = columns[b * width + j].mean(0)[i, k]
                        expected[b, 0, k, m] += down * rows[b * height + k].mean(0)[j, m] / (height * width)
    assert torch.allclose(found, expected, atol=1e-6)


def test_each_place_gathers_along_its_column_from_rows_and_in_the_mean_what_is_received() -> None:
    batch, height, width = 2, 3, 5
    random = torch.Generator().manual_seed(11)
    rows = torch.rand(batch * height, 2, width, width, generator=random).softmax(-1)
    columns = torch.rand(batch * width, 2, height, height, generator=random).softmax(-1)
    found = axial_steps(rows, columns, batch_size=batch)
    assert found.shape == (batch, 1, height, width, height, width)
    for b in range(batch):
        for i in range(height):
            for j in range(width):
                for k in range(height):
                    for m in range(width):
                        expected = columns[b * width + j].mean(0)[i, k] * rows[b * height + k].mean(0)[j, m]
                        assert torch.isclose(found[b, 0, i, j, k, m], expected)
    assert torch.allclose(found.mean((2, 3)), axial_received(rows, columns, batch_size=batch), atol=1e-6)
