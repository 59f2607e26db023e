"""As much of wandb's server as `wandb sync` speaks to: it takes runs and remembers their histories."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

PROJECT = {"id": "p", "name": "attnlab", "entity": {"id": "e", "name": "me"}}


class WandbServer(ThreadingHTTPServer):
    """`histories`: of each run, its rows in their order; a stream that would overwrite some is an error."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.histories: dict[str, list[dict[str, Any]]] = {}
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: WandbServer

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""

    def do_PUT(self) -> None:
        self._body()
        self._answer({})

    def do_POST(self) -> None:
        body = json.loads(self._body() or b"{}")
        if self.path.endswith("/file_stream"):
            self._take(self.path.split("/")[-2], (body.get("files") or {}).get("wandb-history.jsonl"))
            return self._answer({})
        query, values = body.get("query", ""), body.get("variables") or {}
        if "upsertBucket" in query:
            inserted = values["name"] not in self.server.histories
            rows = self.server.histories.setdefault(values["name"], [])
            bucket = {"id": "b", "name": values["name"], "displayName": "d", "config": "{}", "project": PROJECT}
            bucket["historyLineCount"] = len(rows)
            return self._answer({"data": {"upsertBucket": {"bucket": bucket, "inserted": inserted}}})
        if "bucket(" in query:
            return self._answer({"data": {"model": {**PROJECT, "bucket": self._resumed(values["name"])}}})
        if "createRunFiles" in query:
            files = [{"name": name, "uploadUrl": f"{self.server.url}/{name}"} for name in values["files"]]
            return self._answer({"data": {"createRunFiles": {"runID": "b", "uploadHeaders": [], "files": files}}})
        return self._answer({"data": {}})

    def _take(self, run: str, part: dict[str, Any] | None) -> None:
        if part is not None:
            assert part["offset"] == len(self.server.histories[run]), "it would overwrite what is there"
            self.server.histories[run] += map(json.loads, part["content"])

    def _resumed(self, run: str) -> dict[str, Any] | None:
        if (rows := self.server.histories.get(run)) is None:
            return None
        tail = json.dumps([json.dumps(row) for row in rows[-1:]])
        known = {"name": run, "historyLineCount": len(rows), "historyTail": tail, "eventsLineCount": 0}
        empty = {"summaryMetrics": "{}", "config": "{}", "wandbConfig": "{}", "eventsTail": "[]", "tags": []}
        return {"id": "b", "displayName": "d", "logLineCount": 0, **known, **empty}

    def _body(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body

    def _answer(self, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running() -> Iterator[WandbServer]:
    with WandbServer() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
