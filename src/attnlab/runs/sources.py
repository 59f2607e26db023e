"""What a run is to begin from, and what it needs of this machine, looked for before anything heavy is imported."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attnlab.config.conf_path import conf_dir
from attnlab.errors import UserError
from attnlab.files import check_weight_file
from attnlab.launch.resources import may_have_gpu, no_gpu
from attnlab.reading.data_root import check_no_files, check_there, pattern_key

NO_FILES = "it is made up, of no files"  # as files of the configuration say beside `root`
BEST = ("checkpoints/best.ckpt", "best.ckpt")
ENDINGS = (".ckpt", ".pt", ".pth", ".bin", ".safetensors")


def check_sources(config: dict[str, Any]) -> None:
    """Raise UserError where the weights that a run begins from aren't there, or are none."""
    if config.get("init_from"):
        _check_weights(Path(str(config["init_from"])).expanduser())


def check_machine(config: dict[str, Any]) -> None:
    """Raise UserError where this machine hasn't got the folder of the run's data, or a GPU that it asks for."""
    check_data(config["data"])
    accelerator = config["trainer"].get("accelerator")
    if accelerator in ("gpu", "mps") and not may_have_gpu():
        raise UserError(no_gpu(accelerator))


def check_data(data: Mapping[str, Any]) -> None:
    """Raise UserError where the folder isn't there that a data module of attnlab's is to read, or it reads none."""
    if str(data.get("_target_")).startswith("attnlab.") and isinstance(root := data.get("root"), str):
        folder = Path(root).expanduser()
        if _is_made_up(data):
            check_no_files(folder)
        else:
            check_there(folder, pattern_key=pattern_key(data))


def _is_made_up(data: Mapping[str, Any]) -> bool:
    """Whether a file that makes a part of it says so: to ask its class would load torch."""
    parts = {str(each["_target_"]) for each in data.values() if isinstance(each, Mapping) and "_target_" in each}
    texts = [path.read_text(encoding="utf-8") for path in (conf_dir() / "data").glob("*.yaml")]
    return any(f"_target_: {part}\n" in text for text in texts if NO_FILES in text for part in parts)


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
