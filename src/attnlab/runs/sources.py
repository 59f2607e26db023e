"""What a run is to begin from and to read, looked for before anything heavy is imported."""

from pathlib import Path
from typing import Any

from attnlab.errors import UserError
from attnlab.files import check_weight_file

BEST = ("checkpoints/best.ckpt", "best.ckpt")
ENDINGS = (".ckpt", ".pt", ".pth", ".bin", ".safetensors")


def check_sources(config: dict[str, Any]) -> None:
    """Raise UserError where the weights that a run begins from, or its folder of data, can't be what they should be."""
    if config.get("init_from"):
        _check_weights(Path(str(config["init_from"])).expanduser())
    root = config["data"].get("root") if isinstance(config.get("data"), dict) else None
    if isinstance(root, str) and not Path(root).expanduser().exists():
        raise UserError(f"the data's folder must be there, got {root} (set data.root)")


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
