"""What a run is to begin from, looked for before anything heavy is imported."""

from pathlib import Path
from typing import Any

from attnlab.errors import UserError
from attnlab.files import check_weight_file

BEST = ("checkpoints/best.ckpt", "best.ckpt")
ENDINGS = (".ckpt", ".pt", ".pth", ".bin", ".safetensors")


def check_sources(config: dict[str, Any]) -> None:
    """Raise UserError where the weights that a run begins from aren't there, or are none."""
    if config.get("init_from"):
        _check_weights(Path(str(config["init_from"])).expanduser())


def _check_weights(path: Path) -> None:
    """Of a folder, that it has a run's checkpoint."""
    if not path.exists():
        raise UserError(
            f"a run begins from another's weights, got {path}, which isn't there (set init_from to a run's folder, or "
            f"a file: {', '.join(ENDINGS)})"
        )
    if path.is_file():
        check_weight_file(path, key="init_from")
    elif not any((path / name).is_file() for name in BEST):
        raise UserError(
            f"a run begins from another's weights, got the folder {path} without {BEST[0]} (set "
            "init_from to a run's folder)"
        )
