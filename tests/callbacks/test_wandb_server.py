"""wandb's server is the one that wandb itself would use, and is asked without waiting long."""

import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from attnlab.callbacks.wandb_server import surroundings, unreachable, wandb_login, without_variables

OWN = "https://wandb.example.org"


@pytest.fixture(autouse=True)
def _nothing_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # which may hold settings as well
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in [each for each in os.environ if each.startswith("WANDB_") or each == "NETRC"]:
        monkeypatch.delenv(name)


def test_who_answers_with_an_error_answers(tmp_path: Path) -> None:
    class Refuses(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *arguments: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Refuses) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert unreachable(f"http://127.0.0.1:{server.server_port}") is None
        server.shutdown()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert unreachable(url, seconds=0.2) in (f"{url} doesn't answer within 0.2 s", f"{url}: timed out")


def test_a_login_is_found_without_asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NETRC", raising=False)
    assert not wandb_login(surroundings())
    (tmp_path / ".netrc").write_text(f"machine api.wandb.ai login user password {'0123456789' * 4}\n")
    assert wandb_login(surroundings())
    (tmp_path / ".netrc").write_text("machine example.org login user password secret\n")
    assert not wandb_login(surroundings())


@pytest.mark.parametrize("by_file", [False, True])
def test_an_own_server_is_asked_and_its_login_counts(
    by_file: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by_file:
        (tmp_path / "settings").write_text(f"[default]\nbase_url = {OWN}\n")
        monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path))
    else:
        monkeypatch.setenv("WANDB_BASE_URL", OWN)
    assert surroundings().url == OWN
    (tmp_path / ".netrc").write_text(f"machine api.wandb.ai login user password {'0123456789' * 4}\n")
    assert not wandb_login(surroundings())
    (tmp_path / ".netrc").write_text(f"machine wandb.example.org login user password {'0123456789' * 4}\n")
    assert wandb_login(surroundings())


@pytest.mark.parametrize(
    "given, mode", [("offline", "offline"), ("dryrun", "offline"), ("run", "online"), ("", None), ("banana", None)]
)
def test_a_mode_is_what_wandb_takes_for_one(given: str, mode: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", given)
    found = surroundings()
    assert found.mode == mode
    assert len(found.refused) == (given == "banana")
    with without_variables(found.passed_over):
        assert ("WANDB_MODE" in os.environ) == (mode is not None)
    assert os.environ["WANDB_MODE"] == given


def test_a_mode_and_a_key_of_the_settings_file_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "settings").write_text(f"[default]\nmode = offline\napi_key = {'0123456789' * 4}\n")
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path))
    found = surroundings()
    assert found.mode == "offline"
    assert wandb_login(found)


def test_a_settings_file_where_one_works_sends_nothing_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have come with a stranger's folder: a key would be sent to whatever server it names."""
    monkeypatch.setenv("WANDB_API_KEY", "0123456789" * 4)
    (tmp_path / "wandb").mkdir()
    file = tmp_path / "wandb" / "settings"
    file.write_text("[default]\nentity = mine\nproject = mine\n")
    assert not surroundings().refused
    for evil in ("base_url = https://evil.example.org", "save_code = true", "x_label = evil"):
        file.write_text(f"[default]\nproject = mine\n{evil}\n")
        (said,) = surroundings().refused
        assert said == f"{evil.replace(' ', '')} by {file}, which may be anybody's"
    file.write_text(f"[default]\napi_key = {'abcdefghij' * 4}\n")
    assert surroundings().refused == [f"api_key=... by {file}, which may be anybody's"]
    file.write_text(f"[default]\nbase_url = {OWN}\n")
    monkeypatch.setenv("WANDB_BASE_URL", OWN)
    assert not surroundings().refused


@pytest.mark.parametrize("key", ["too-short-a-key", "has a space " * 4, "x" * 400])
def test_a_key_that_wandb_refuses_is_not_written_into_a_log(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", key)
    assert not any(key in each for each in surroundings().refused)
