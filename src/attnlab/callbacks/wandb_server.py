"""Where wandb would send a run, as its variables and its settings file have it, and whether anybody answers there."""

import os
import re
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from attnlab.errors import closest

# wandb's older names of modes, and one that differs from another only between processes of one run.
MODES = {"dryrun": "offline", "run": "online", "shared": "online"}
# All that a settings file in the working folder, which may be anybody's, decides: not where a key is sent, nor how.
HARMLESS = ("entity", "project", "mode", "disabled")
# Settings whose values aren't written anywhere.
SECRET = re.compile(r"key|token|secret|password|credential|headers|proxy|proxies|auth", re.IGNORECASE)


@dataclass(frozen=True)
class Surroundings:
    """What wandb finds around a run.

    Attributes:
        url: of its server.
        mode: online, offline or disabled, where a variable or the settings file says so.
        key: that of the settings file.
        refused: variables that wandb would stop at, each with what it says, and what a settings file in the working
            folder may not decide.
        passed_over: their names, and those of empty variables, at which wandb would stop as well.
    """

    url: str
    mode: str | None
    key: str | None = field(repr=False)
    refused: list[str]
    passed_over: list[str]


def surroundings() -> Surroundings:
    """As wandb reads them when a run begins: the settings file, then the variables; what can't be is passed over."""
    os.environ.setdefault("WANDB_SILENT", "true")
    import wandb

    settings = wandb.Settings()
    folder = Path(os.environ.get("WANDB_CONFIG_DIR") or Path("~", ".config", "wandb")).expanduser()
    settings.settings_system = str(folder / "settings")
    settings.update_from_system_settings()
    in_file = settings.mode
    refused, passed_over = _refused_there(Path(settings.settings_workspace)), []
    for name, value in os.environ.items():
        try:
            if name.startswith("WANDB_"):
                settings.update_from_env_vars({name: value})
        except (ValueError, wandb.errors.Error) as error:
            passed_over.append(name)
            if value:
                said = _said(error, value)
                refused.append(f"{_shown(name, value)}: {said.replace(value, '...') if SECRET.search(name) else said}")
    # That of the file is online by default, whoever is logged in.
    given = os.environ.get("WANDB_MODE") and "WANDB_MODE" not in passed_over
    mode = str(settings.mode) if given or in_file != "online" else None
    key = settings.api_key if not os.environ.get("WANDB_API_KEY") else None
    return Surroundings(str(settings.base_url), MODES.get(mode or "", mode), key, refused, passed_over)


def _refused_there(path: Path) -> list[str]:
    """What the working folder's settings file says beyond what it may."""
    from wandb.sdk.lib.settings_file import SettingsFiles

    found = SettingsFiles(global_settings=None, local_settings=path).all() if path.is_file() else {}
    if found.get("base_url") == os.environ.get("WANDB_BASE_URL"):
        found.pop("base_url", None)
    said = [_shown(name, value) for name, value in found.items() if name not in HARMLESS]
    return [f"{each} by {path}, which may be anybody's" for each in said]


def _shown(name: str, value: str) -> str:
    """A setting as it may stand in a log."""
    return f"{name}=..." if SECRET.search(name) else f"{name}={value}"


def _said(error: Exception, value: str) -> str:
    """Without pydantic's heading and its address; where a value is one of a few, with a guess at it."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return str(error)
    found = []
    for each in error.errors():
        known = re.findall(r"'([^']+)'", str(each.get("ctx", {}).get("expected", "")))
        must = f"it must be one of {', '.join(known)}{closest(value, known)}"
        found.append(must if each["type"] == "literal_error" else each["msg"])
    return "; ".join(found)


@contextmanager
def without_variables(names: list[str]) -> Iterator[None]:
    """Hide them from what reads the environment meanwhile."""
    hidden = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(hidden)


def unreachable(url: str, *, seconds: float = 5.0) -> str | None:
    """Why nothing answers at a server's address, None if something does; through the proxy, if the variables name one.

    A name that nobody resolves may keep a process waiting for long, so it is asked from a thread of its own.
    """
    reasons: list[str] = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(url, timeout=seconds):
                pass
        except urllib.error.HTTPError:  # which is an answer
            pass
        except (OSError, ValueError, HTTPException) as error:
            # A certificate that Python doesn't know has come from somewhere; wandb may know it.
            if not isinstance(getattr(error, "reason", None), ssl.SSLError):
                reasons.append(f"{url}: {getattr(error, 'reason', error)}")

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        return f"{url} doesn't answer within {seconds:g} s"
    return reasons[0] if reasons else None


def wandb_login(found: Surroundings) -> bool:
    """Whether a key for wandb's server is configured, without asking for one and without the network."""
    if os.environ.get("WANDB_API_KEY") or found.key:
        return True
    import wandb
    from wandb.sdk.lib.wbauth import read_netrc_auth

    try:
        return read_netrc_auth(host=found.url) is not None
    except wandb.errors.Error:  # a key that can't be one
        return False
