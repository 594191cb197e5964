"""As much of Kubernetes' API as Spark's driver asks for: a pod that is made becomes a process of this machine."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
READY = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}], "podIP": "127.0.0.1"}


class Cluster:
    """Objects by their path, and the processes of pods. `driver` is the name of a pod that is there already."""

    def __init__(self, driver: str, folder: Path, environment: Mapping[str, str]) -> None:
        self.objects: dict[str, Json] = {}
        self.processes: list[subprocess.Popen[bytes]] = []
        self._changed, self._ended = threading.Condition(), False
        self._folder, self._environment = folder, dict(environment)
        self.put("/api/v1/namespaces/marquee/pods", {"kind": "Pod", "metadata": {"name": driver}})

    def put(self, collection: str, made: Json) -> Json:
        """Keep an object; of a pod with a command a process is started."""
        metadata = made["metadata"]
        metadata |= {"namespace": "marquee", "uid": metadata["name"], "resourceVersion": "1"}
        metadata.setdefault("creationTimestamp", "2026-01-31T00:00:00Z")
        if collection.endswith("/pods"):
            made["status"] = READY
            if "spec" in made:
                self._run(made)
        with self._changed:
            self.objects[f"{collection}/{metadata['name']}"] = made
            self._changed.notify_all()
        return made

    def made(self, collection: str) -> Iterator[Json]:
        """Every object of a collection, those to come as well; until the cluster ends."""
        told: set[str] = set()
        while not self._ended:
            with self._changed:
                new = [key for key in self.objects if key.startswith(f"{collection}/") and key not in told]
                if not new:
                    self._changed.wait()
            told |= set(new)
            yield from (self.objects[key] for key in new)

    def _run(self, pod: Json) -> None:
        (container,) = pod["spec"]["containers"]
        given = {each["name"]: each.get("value") or self._field(each, pod) for each in container["env"]}
        argv = [*container["command"], *container["args"]]
        with (self._folder / f"{pod['metadata']['name']}.log").open("wb") as log:
            self.processes.append(
                subprocess.Popen(argv, env=self._environment | given, stdout=log, stderr=log, process_group=0)
            )

    def _field(self, variable: Json, pod: Json) -> str:
        path = variable.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath", "")
        return {"status.podIP": "127.0.0.1", "metadata.name": pod["metadata"]["name"]}.get(path, "")

    def stop(self) -> None:
        """End the watches and the processes."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, 15)
            process.wait(30)


@contextmanager
def serving(cluster: Cluster) -> Iterator[str]:
    """The address at which the cluster answers while the block lasts."""

    class Handler(_Handler):
        pods = cluster

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            cluster.stop()
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    pods: Cluster
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if "watch=true" in url.query:
            self._watch(url.path)
        elif found := self.pods.objects.get(url.path):
            self._answer(found)
        elif url.path.rpartition("/")[2] in ("pods", "configmaps", "services", "persistentvolumeclaims"):
            self._list(url.path, url.query)
        else:
            self._answer({"kind": "Status", "code": 404, "reason": "NotFound"}, 404)

    def do_POST(self) -> None:
        made = self._body()
        self._answer(self.pods.put(urlsplit(self.path).path, made), 201)

    def do_PATCH(self) -> None:
        self._body()
        self._answer(self.pods.objects.get(urlsplit(self.path).path, {}))

    do_PUT = do_PATCH  # noqa: N815

    def do_DELETE(self) -> None:
        self._body()
        self._answer({"kind": "Status", "status": "Success"})

    def _list(self, path: str, query: str) -> None:
        found = [o for key, o in self.pods.objects.items() if key.startswith(f"{path}/")]
        wanted = [o for o in found if "labelSelector" not in query or "spec" in o]
        kind = path.rpartition("/")[2].capitalize().removesuffix("s")
        self._answer({"kind": f"{kind}List", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": wanted})

    def _watch(self, path: str) -> None:
        """Tell of each pod that is made, as lines; not by WebSocket, which clients try first."""
        if self.headers.get("Upgrade"):
            self._answer({"message": "no WebSocket here"}, 503)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for made in self.pods.made(path):
            self.wfile.write(json.dumps({"type": "ADDED", "object": made}).encode() + b"\n")

    def _body(self) -> Json:
        length = int(self.headers.get("Content-Length") or 0)
        return json.loads(self.rfile.read(length) or b"{}")  # type: ignore[no-any-return]

    def _answer(self, content: Json, status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: what was asked for is in `objects`."""
