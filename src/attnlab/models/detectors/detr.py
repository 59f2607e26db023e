"""Detection as prediction of a set, with any attention throughout."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from attnlab.attention import KeyValue, capture_attention
from attnlab.errors import at_least, below_one, between
from attnlab.models.classifiers.image_classifier import ImageMaps
from attnlab.models.detectors.box_positions import check_dim, places, sine_of_shares
from attnlab.models.detectors.boxes import centres_to_corners, inverse_sigmoid, within
from attnlab.models.detectors.denoising import Denoising, NoisyQueries
from attnlab.models.detectors.detector import AS_COCO, MAX_DETECTIONS, Detections, ObjectLimit, Objects
from attnlab.models.detectors.detr_layers import DetrDecoderLayer, DetrSlots, Sublayers, decoder_layers, encoder_layers
from attnlab.models.detectors.matching import MatchingCosts
from attnlab.models.detectors.residual_backbone import ResidualBackbone
from attnlab.models.detectors.set_losses import hungarian_pairs, in_shares, set_losses
from attnlab.models.layers.feature_maps import FeatureAttentionFactory, feature_maps, feature_slots
from attnlab.models.layers.slots import AttentionFactory

RARE = 0.01  # a class's probability where nothing is known yet (Lin et al., 2017, section 3.3)


class Sets(NamedTuple):
    """What each decoder layer predicts for each query."""

    logits: Tensor  # (L, B, Q, C)
    boxes: Tensor  # (L, B, Q, 4) centres in shares of the image


class DetrOutput(NamedTuple):
    """One pass; the second part only in training with denoising."""

    sets: Sets
    denoised: tuple[Sets, NoisyQueries] | None


class Memory(NamedTuple):
    """What the decoder reads of the images: a projected KeyValue a layer, which places are real, and where they lie."""

    layers: tuple[KeyValue, ...]
    mask: Tensor  # (B, K)
    places: Tensor  # (B, K, 2)

    def repeat(self, times: int) -> "Memory":
        """Each image `times` times in a row."""
        rows = torch.arange(len(self.mask), device=self.mask.device).repeat_interleave(times)
        return Memory(tuple(layer.select(rows) for layer in self.layers), self.mask[rows], self.places[rows])


class DETR(nn.Module):
    """Queries, each with a box of its own, look at the image and become the set of its objects: no anchors, no NMS.

    After Carion et al. (2020), made to converge on small data: a query is a box that every decoder layer moves
    (DAB-DETR, Liu et al., 2022); cross-attention begins near it (SMCA, Gao et al., 2021); the decoder also learns to
    mend shaken boxes (DN-DETR, Li et al., 2022); classes are learned by a focal loss (Zhu et al., 2021). The loss is
    taken after each decoder layer, whose heads are shared.

    The attention stands in the slots `encoder` (places to places), `decoder` (queries to queries) and `cross` (queries
    to places); a mechanism that can't serve one leaves it to scaled dot-product. `feature_attention` stands in each
    block of the residual net that reads the image; `slots` says what stands where.

    Args:
        num_queries: most objects of an image that can be found.
        near_box: False for cross-attention that isn't led to its query's box.
        num_denoising_groups: shaken copies of each object in training; 0 for none.
        stage_channels, stage_blocks: of the residual net; two stages give a map of an eighth of the image's side.

    Raises:
        ValueError: a number out of its range, or an attention that fits no slot.
    """

    def __init__(
        self,
        *,
        num_classes: int,
        in_channels: int,
        max_height: int,
        max_width: int,
        attention: AttentionFactory,
        feature_attention: FeatureAttentionFactory,
        encoder_attention: AttentionFactory | None = None,
        decoder_attention: AttentionFactory | None = None,
        cross_attention: AttentionFactory | None = None,
        dim: int = 128,
        num_heads: int = 4,
        num_encoder_layers: int = 2,
        num_decoder_layers: int = 3,
        feed_forward_dim: int = 256,
        dropout: float = 0.0,
        num_queries: int = 20,
        near_box: bool = True,
        num_denoising_groups: int = 3,
        box_noise: float = 0.4,
        label_noise: float = 0.2,
        stage_channels: Sequence[int] = (48, 96),
        stage_blocks: Sequence[int] = (1, 2),
        label_weight: float = 2.0,
        box_weight: float = 5.0,
        overlap_weight: float = 2.0,
    ) -> None:
        super().__init__()
        between(1, 1000, "model", num_encoder_layers=num_encoder_layers, num_decoder_layers=num_decoder_layers)
        between(1, 2**20, "model", num_queries=num_queries)
        check_dim(dim)
        below_one("model", dropout=dropout)
        at_least(0, "model", label_weight=label_weight, box_weight=box_weight, overlap_weight=overlap_weight)
        self.costs = MatchingCosts(label=label_weight, box=box_weight, overlap=overlap_weight)
        self.num_classes, self.num_queries = num_classes, num_queries
        few = num_queries < MAX_DETECTIONS
        self.limit = ObjectLimit(min(num_queries, MAX_DETECTIONS), "set model.num_queries" if few else AS_COCO)
        self.backbone = ResidualBackbone(
            in_channels,
            max_size=(max_height, max_width),
            stage_channels=stage_channels,
            stage_blocks=stage_blocks,
            feature_attention=feature_attention,
        )
        self.narrow, self.narrow_norm = nn.Conv2d(stage_channels[-1], dim, 1), nn.LayerNorm(dim)
        slots = DetrSlots(
            encoder=encoder_attention,
            decoder=decoder_attention,
            cross=cross_attention,
            num_encoder_layers=num_encoder_layers,
            num_decoder_layers=num_decoder_layers,
        )
        filled = slots.fill(
            attention,
            dim=dim,
            num_heads=num_heads,
            grid=self.backbone.last_size,
            num_queries=num_queries,
        )
        self.slots = filled.names | feature_slots(self.backbone)
        sublayers = Sublayers(dim=dim, feed_forward_dim=feed_forward_dim, dropout=dropout)
        self.encoder, self.encoder_norm = encoder_layers(filled, sublayers), nn.LayerNorm(dim)
        self.decoder = decoder_layers(filled, sublayers, near_box=near_box)
        self.decoder_norm = nn.LayerNorm(dim)
        # Where no mechanism reads its queries, what places them would be left without a gradient.
        self.place_query = _perceptron(2 * dim, dim, dim) if filled.read_queries else None
        self.content = nn.Parameter(torch.randn(num_queries, dim) * 0.1)
        self.anchors = nn.Parameter(_spread_boxes(num_queries))
        self.denoising: Denoising | None = None
        if num_denoising_groups:
            self.denoising = Denoising(
                dim,
                num_classes=num_classes,
                num_groups=num_denoising_groups,
                box_noise=box_noise,
                label_noise=label_noise,
            )
        self.classify, self.move = _rare(nn.Linear(dim, num_classes)), _perceptron(dim, dim, 4, last_std=0.01)

    def forward(self, images: Tensor, extents: Tensor, objects: Objects | None = None) -> DetrOutput:
        memory = self._read(images, extents)
        batch_size = images.size(0)
        sets = self._decode(
            self.content.expand(batch_size, -1, -1),
            self.anchors.expand(batch_size, -1, -1),
            torch.ones(batch_size, self.num_queries, dtype=torch.bool, device=images.device),
            memory,
        )
        if self.denoising is None or objects is None or not self.training:
            return DetrOutput(sets, None)
        noisy = self.denoising(in_shares(objects, extents), most=self.num_queries)
        if noisy is None:
            return DetrOutput(sets, None)
        repeated = memory.repeat(self.denoising.num_groups)
        return DetrOutput(sets, (self._decode(noisy.content, noisy.anchors, noisy.mask, repeated), noisy))

    def _read(self, images: Tensor, extents: Tensor) -> Memory:
        features: Tensor = self.narrow(self.backbone(images)[-1])  # (B, D, h, w)
        height, width = features.shape[2:]
        where, mask = places(height, width, stride=self.backbone.strides[-1], extents=extents)
        x = self.narrow_norm(features.flatten(2).mT)  # (B, K, D)
        positions = sine_of_shares(where, x.shape[-1] // 2).flatten(2).to(x.dtype)  # (B, K, D)
        for layer in self.encoder:
            x = layer(x, positions=positions, mask=mask)
        x = self.encoder_norm(x)
        layers = cast("Iterable[DetrDecoderLayer]", self.decoder)
        return Memory(tuple(layer.cross_attention.project(x + positions, x) for layer in layers), mask, where)

    def _decode(self, x: Tensor, anchors: Tensor, mask: Tensor, memory: Memory) -> Sets:
        """What queries of content x (B, Q, D) at anchors (B, Q, 4), logits, predict layer by layer."""
        logits, boxes = [], []
        for layer, source in zip(self.decoder, memory.layers, strict=True):
            # The box where a layer looks teaches nothing to the layer before, which has a loss of its own.
            here = anchors.detach().sigmoid()
            waves = sine_of_shares(here, x.shape[-1] // 2).flatten(2).to(x.dtype)  # (B, Q, 2 D)
            x = layer(
                x,
                positions=0.0 if self.place_query is None else self.place_query(waves),
                mask=mask,
                boxes=here,
                memory=source,
                memory_mask=memory.mask,
                places=memory.places,
            )
            normed = self.decoder_norm(x)
            moved = anchors + self.move(normed).float()
            logits.append(self.classify(normed))
            boxes.append(moved.sigmoid())
            anchors = moved.detach()
        return Sets(torch.stack(logits), torch.stack(boxes))

    def losses(self, output: DetrOutput, extents: Tensor, objects: Objects) -> dict[str, Tensor]:
        shares = in_shares(objects, extents)
        pairs = hungarian_pairs(*output.sets, shares, costs=self.costs)
        losses = set_losses(*output.sets, shares, pairs, weights=self.costs)
        if output.denoised is None and self.denoising is not None and self.training:
            # In every pass the same parts, and a gradient for every parameter: distributed training waits for both.
            nothing = 0.0 * self.denoising.content.weight.sum()
            losses |= {f"denoising_{name}": nothing for name in losses}
        elif output.denoised is not None:
            sets, noisy = output.denoised
            pairs = noisy.pairs(len(sets.logits))
            parts = set_losses(*sets, noisy.objects, pairs, weights=self.costs, counted=noisy.mask)
            losses |= {f"denoising_{name}": part for name, part in parts.items()}
        return losses

    @torch.no_grad()
    def query_maps(self, images: Tensor, extents: Tensor) -> Tensor:
        """Of the last layer's cross-attention, the mean over heads."""
        with capture_attention(self) as maps:
            self(images, extents)
        last = [path for path in maps if ".cross_attention" in path][-1]
        weights = maps[last].mean(dim=1)  # (B, Q, K)
        return weights.view(*weights.shape[:2], *self.backbone.last_size)

    def image_maps(self, images: Tensor) -> ImageMaps:
        return feature_maps(self.backbone, images)

    def detections(self, output: DetrOutput, extents: Tensor) -> list[Detections]:
        """The best pairs of a query and a class of the last layer; one query may stand for several classes."""
        scores = output.sets.logits[-1].float().sigmoid()  # (B, Q, C)
        corners = centres_to_corners(output.sets.boxes[-1]) * extents.flip(1).repeat(1, 2).unsqueeze(1)
        corners = within(corners, extents.unsqueeze(1))
        best, chosen = scores.flatten(1).topk(min(MAX_DETECTIONS, scores[0].numel()))
        queries, labels = chosen // self.num_classes, chosen % self.num_classes
        return [
            Detections(box[query], score, label, query)
            for box, score, label, query in zip(corners, best, labels, queries, strict=True)
        ]


def _perceptron(in_dim: int, hidden_dim: int, out_dim: int, *, last_std: float | None = None) -> nn.Sequential:
    last = nn.Linear(hidden_dim, out_dim)
    if last_std is not None:
        nn.init.normal_(last.weight, std=last_std)
        nn.init.zeros_(last.bias)
    return nn.Sequential(nn.Linear(in_dim, hidden_dim), nn.ReLU(), last)


def _rare(classify: nn.Linear) -> nn.Linear:
    """The layer, by which each class is as yet `RARE`."""
    nn.init.constant_(classify.bias, -math.log(1 / RARE - 1))
    return classify


def _spread_boxes(num: int) -> Tensor:
    """(num, 4) logits of boxes a third of the image wide, at random places."""
    middle = 0.1 + 0.8 * torch.rand(num, 2)
    return inverse_sigmoid(torch.cat([middle, torch.full((num, 2), 0.33)], dim=1))
