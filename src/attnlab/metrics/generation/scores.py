"""How alike generated and real pictures are, by the features of a trained network."""

import logging
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import torch
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import poly_mmd

from attnlab.errors import UserError
from attnlab.metrics.extractors.contract import Extractor
from attnlab.metrics.generation.jackknife import jackknifed_distance
from attnlab.metrics.generation.manifolds import precision_and_recall

log = logging.getLogger(__name__)

NUM_NEIGHBOURS = 3  # as Kynkäänniemi et al. (2019)
MOST_NEIGHBOURS = 5000  # pictures of each kind in precision and recall: distances grow with the square
BLOCK = 1000  # pictures of a block of the KID (Bińkowski et al., 2018), and
FEWEST_BLOCKS = 10  # how many blocks there are at least, so that their spread says something
FEWEST = NUM_NEIGHBOURS + 1  # pictures of each kind


class GenerationScores:
    """Scores of generated pictures against real ones, added up batch by batch, over all processes.

    With x the extractor's name, and features f of its:

    `fid_x`: |m_r - m_g|^2 + tr(C_r + C_g - 2 (C_r C_g)^(1/2)), of the features' means and covariances (Heusel et al.,
    2017, eq. 6); 0 is best. It falls with the number of pictures, so that only scores of equal numbers can be compared.
    `kid_x`: the squared maximum mean discrepancy under the kernel (f . f' / F + 1)^3, without bias, the mean over
    blocks that have no picture in common (Bińkowski et al., 2018); 0 is best and chance may take it below.
    `kid_x_error`: its standard error, from the blocks' spread: of what it would be for other pictures of both kinds.
    `precision`: share of generated pictures that are like real ones; `recall`: share of real ones that are like
    generated ones (`manifolds.precision_and_recall`), of at most 5,000 of each.
    `class_accuracy`: share of generated pictures that the extractor takes for what they were to be; measured if they
    have labels, and the extractor knows these classes.

    The scores are a function of the two sets of pictures: neither their order nor their batches matter, nor how many
    processes there were. Real pictures are kept for the next time: those of later passes are passed over.

    Args:
        classes: of the generated pictures' labels; None if they have none.
    """

    def __init__(self, extractor: Extractor, *, classes: Sequence[str] | None) -> None:
        self.extractor = extractor
        self.classes = None if classes is None else list(classes)
        self._real, self._generated = _Pictures(), _Pictures()
        self._all_real: Tensor | None = None  # (N, F) float64, once they have all been seen
        self._scored: tuple[Tensor, dict[str, float | Tensor]] | None = None  # what was generated, and its scores

    def reset(self) -> None:
        """Begin anew; the real pictures stay if `compute` has seen them."""
        self._real, self._generated, self._scored = _Pictures(), _Pictures(), None

    def update_real(self, pictures: Tensor) -> None:
        """Add a batch: uint8 (B, C, H, W)."""
        if self._all_real is None:
            self._real.add(pictures, self.extractor.features(pictures))

    def update_generated(self, pictures: Tensor, labels: Tensor | None = None) -> None:
        """Add a batch: uint8 (B, C, H, W), and what they were to be: int64 (B,)."""
        features = self.extractor.features(pictures)
        self._generated.add(pictures, features)
        if labels is not None and self._knows_classes():
            logits = self.extractor.logits(features)
            assert logits is not None  # it knows the classes
            self._generated.right.append((logits.argmax(dim=1) == labels).long())

    def compute(self) -> dict[str, float | Tensor]:
        """The scores so far; all processes must call this.

        Raises:
            UserError: fewer than four pictures of a kind.
        """
        if self._all_real is None:
            self._all_real = self._real.gathered()
            self._real = _Pictures()
        real, generated = self._all_real, self._generated.gathered()
        for kind, features in (("real", real), ("generated", generated)):
            if len(features) < FEWEST:
                raise UserError(f"scores need {FEWEST} {kind} pictures or more, got {len(features)}")
        name = self.extractor.name
        kid, error = kernel_distance(real, generated)
        most = slice(MOST_NEIGHBOURS)
        precision, recall = precision_and_recall(real[most], generated[most], num_neighbours=NUM_NEIGHBOURS)
        scores: dict[str, float | Tensor] = {
            f"fid_{name}": frechet_distance(real, generated),
            f"kid_{name}": kid,
            f"kid_{name}_error": error,
            "precision": precision,
            "recall": recall,
        }
        if (right := _from_all(self._generated.right)) is not None:
            scores["class_accuracy"] = right.double().mean()
        self._scored = generated, scores
        return scores

    def of_run(self) -> dict[str, dict[str, Any]]:
        """Of what `compute` scored last, the FID without its bias (`jackknife`), and the KID with its error."""
        if self._scored is None or self._all_real is None:
            return {}
        name, (generated, scores) = self.extractor.name, self._scored
        num = {"num_real": len(self._all_real), "num_generated": len(generated), "num_features": generated.size(1)}
        kid = {"score": float(scores[f"kid_{name}"]), "standard_error": float(scores[f"kid_{name}_error"])}
        fid = {"score": float(scores[f"fid_{name}"]), **jackknifed_distance(self._all_real, generated)}
        return {f"fid_{name}": fid | num, f"kid_{name}": kid | num}

    def signatures(self) -> dict[str, str]:
        """What computed each score, so that they can be compared."""
        name, extractor = self.extractor.name, self.extractor.signature
        library = f"torchmetrics|version:{version('torchmetrics')}"
        manifolds = f"neighbours:{NUM_NEIGHBOURS}|most:{MOST_NEIGHBOURS}|{extractor}"
        return {
            f"fid_{name}": f"{library}|{extractor}",
            f"kid_{name}": f"{library}|kernel:(x.y/F+1)^3|blocks:{BLOCK}, {FEWEST_BLOCKS} or more|{extractor}",
            "precision": manifolds,
            "recall": manifolds,
        } | ({"class_accuracy": extractor} if self._knows_classes() else {})

    def _knows_classes(self) -> bool:
        known = self.extractor.classes
        return self.classes is not None and known is not None and list(known) == self.classes


def frechet_distance(real: Tensor, generated: Tensor) -> Tensor:
    """The FID of features (N, F) and (M, F), float64."""
    metric = FrechetInceptionDistance(_Features(real.size(1)), sync_on_compute=False)
    metric.update(real, real=True)
    metric.update(generated, real=False)
    distance: Tensor = metric.compute()
    return distance.clamp(min=0)  # rounding may take it below


def kernel_distance(real: Tensor, generated: Tensor) -> tuple[Tensor, Tensor]:
    """The KID of features (N, F) and (M, F), float64, in random order, and its standard error."""
    num = min(len(real), len(generated))
    size = max(2, min(BLOCK, num // FEWEST_BLOCKS))
    pairs = zip(torch.split(real, size), torch.split(generated, size), strict=False)
    blocks = torch.stack([poly_mmd(*pair) for pair in pairs if min(map(len, pair)) == size])
    return blocks.mean(), blocks.std() / len(blocks) ** 0.5


class _Features(nn.Module):
    """Stands where torchmetrics has a network: the features are there already."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features

    def forward(self, features: Tensor) -> Tensor:
        return features


class _Pictures:
    """Features of pictures, in an order that depends on nothing but the pictures, and that looks random."""

    def __init__(self) -> None:
        self.keys: list[Tensor] = []
        self.features: list[Tensor] = []
        self.right: list[Tensor] = []

    def add(self, pictures: Tensor, features: Tensor) -> None:
        draw = torch.Generator().manual_seed(0)
        factors = torch.randint(-(2**62), 2**62, (pictures.shape[1:].numel(),), generator=draw).to(pictures.device)
        self.keys.append((pictures.flatten(1) * factors).sum(dim=1))  # overflow is welcome
        self.features.append(features)

    def gathered(self) -> Tensor:
        """Those of all processes: (N, F) float64 on the CPU."""
        keys, features = _from_all(self.keys), _from_all(self.features)
        if keys is None or features is None:
            return torch.zeros(0, 0, dtype=torch.float64)
        return features[keys.argsort(stable=True)].double()


def _from_all(batches: list[Tensor]) -> Tensor | None:
    """The rows of all processes, on the CPU, of which some may have no batch; None if none has."""
    mine = torch.cat(batches).cpu() if batches else None
    found = [mine]
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        found = [None] * torch.distributed.get_world_size()
        torch.distributed.all_gather_object(found, mine)
    rows = [each for each in found if each is not None]
    return torch.cat(rows) if rows else None
