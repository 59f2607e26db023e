"""The Vision Transformer."""

from functools import partial

import torch
from torch import Tensor, nn

from attnlab.attention import capture_attention
from attnlab.errors import below_one, between
from attnlab.models.classifiers.image_classifier import ImageMaps
from attnlab.models.layers.rollout import attention_rollout
from attnlab.models.layers.slots import AttentionFactory, Slot, fill_slots, mechanism_name
from attnlab.models.layers.transformer_layers import EncoderLayer, FeedForward


class ViT(nn.Module):
    """An image as a sequence of patches, read by a Transformer's encoder.

    z_0 = [class; W x_1; ...; W x_P] + positions,   z_l = z_l-1 + attention(norm z_l-1), likewise with the feed-forward
    net,   logits = V norm(z_L)_class        (Dosovitskiy et al., 2021, eqs. 1 to 4)
    Patches are in reading order, after the class token. Weights start as in the authors' code, but for V, which starts
    near zero and not at it.

    Args:
        patch_size: pixels of a patch's side; divides the image's height and width.
        class_token: False for the mean over patches in place of the class token's output.
        dropout: in [0, 1): of embeddings, sublayers' outputs and hidden layers.

    Raises:
        ValueError: a number out of its range, an attention that can't serve the role self, or one by which a class
            token learns nothing.
    """

    def __init__(
        self,
        *,
        num_classes: int,
        in_channels: int,
        height: int,
        width: int,
        attention: AttentionFactory,
        patch_size: int = 4,
        dim: int = 128,
        num_heads: int = 4,
        num_layers: int = 6,
        feed_forward_dim: int = 256,
        class_token: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        between(1, 1000, "model", num_layers=num_layers)
        between(1, 2**20, "model", dim=dim)
        below_one("model", dropout=dropout)
        if patch_size < 1 or height % patch_size or width % patch_size:
            raise ValueError(
                f"patches must tile the image, got patches of {patch_size} and an image of {height} by {width} "
                "(set model.patch_size, or data.image_size where there is such)"
            )
        self.num_classes = num_classes
        self.grid = (height // patch_size, width // patch_size)
        self.num_extra = int(class_token)
        length = self.grid[0] * self.grid[1] + self.num_extra
        self.patches = nn.Conv2d(in_channels, dim, patch_size, stride=patch_size)
        self.class_token = nn.Parameter(torch.empty(1, 1, dim)) if class_token else None
        self.positions = nn.Parameter(torch.empty(1, length, dim))
        self.dropout = nn.Dropout(dropout)
        slot = Slot(role="self", max_length=length, num_layers=num_layers, grid=self.grid, num_extra=self.num_extra)
        filled = fill_slots(attention, {"encoder": slot}, dim=dim, num_heads=num_heads)["encoder"]
        self.slots = {"encoder": mechanism_name(filled[0])}
        if class_token and self.slots["encoder"] == "identity":
            raise ValueError(
                "a class token learns of the patches by attention alone, got identity attention "
                "(set model.class_token=false)"
            )
        feed_forward = partial(FeedForward, dim, feed_forward_dim, activation="gelu", dropout=dropout)
        self.encoder = nn.ModuleList(
            EncoderLayer(dim, attention=each, feed_forward=feed_forward(), dropout=dropout, norm_first=True)
            for each in filled
        )
        self.norm = nn.LayerNorm(dim)
        self.classifier = nn.Linear(dim, num_classes)
        self._initialise()

    def _initialise(self) -> None:
        """What the layers don't start themselves; the attention's and the feed-forward nets' weights do."""
        fan_in = self.patches.weight[0].numel()
        nn.init.trunc_normal_(self.patches.weight, std=fan_in**-0.5)
        assert self.patches.bias is not None
        nn.init.zeros_(self.patches.bias)
        nn.init.normal_(self.positions, std=0.02)
        if self.class_token is not None:
            nn.init.zeros_(self.class_token)
        nn.init.trunc_normal_(self.classifier.weight, std=0.02)
        nn.init.zeros_(self.classifier.bias)

    def forward(self, images: Tensor) -> Tensor:
        x = self.patches(images).flatten(2).mT  # (B, P, D)
        if self.class_token is not None:
            x = torch.cat([self.class_token.expand(x.size(0), -1, -1), x], dim=1)
        x = self.dropout(x + self.positions)
        for layer in self.encoder:
            x = layer(x)
        x = self.norm(x)
        logits: Tensor = self.classifier(x[:, 0] if self.class_token is not None else x.mean(dim=1))
        return logits

    @torch.no_grad()
    def image_maps(self, images: Tensor) -> ImageMaps:
        """The rollout through all layers, and the last layer's heads: the class token's, else the mean over patches.

        Between places there are the patches' own weights, without what they give to the class token.
        """
        with capture_attention(self) as maps:
            self(images)
        layers = list(maps.values())
        over_image = {"rollout": self._over_image(attention_rollout(layers).unsqueeze(1))}
        over_image[f"{list(maps)[-1]}"] = self._over_image(layers[-1])
        return ImageMaps(over_image, {}, between_places={path: self._between(each) for path, each in maps.items()})

    def _between(self, weights: Tensor) -> Tensor:
        """(B, M, h, w, h, w) of weights (B, M, T, T)."""
        patches = weights[:, :, self.num_extra :, self.num_extra :]
        return torch.unflatten(torch.unflatten(patches, 3, self.grid), 2, self.grid)

    def _over_image(self, weights: Tensor) -> Tensor:
        """(B, M, h, w): what patches get of the output that is read, of weights (B, M, T, T)."""
        read = weights[:, :, 0] if self.class_token is not None else weights.mean(dim=2)
        return torch.unflatten(read[..., self.num_extra :], -1, self.grid)
