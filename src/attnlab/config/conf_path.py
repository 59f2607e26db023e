"""Where the public configuration lies: in the wheel beside the code, in a checkout at its root."""

from pathlib import Path


def conf_dir() -> Path:
    """The folder of the configuration groups, `attnlab/conf` in a wheel or `conf` in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for candidate in (package / "conf", package.parents[1] / "conf"):
        if (candidate / "train.yaml").is_file():
            return candidate
    raise FileNotFoundError(f"no conf/train.yaml beside {package} or at its checkout's root: reinstall attnlab")
