"""Starts supervisord and talks to it over its socket."""

import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from marquee.contracts.errors import Unavailable
from marquee.embedded.processes import Leader, read, wait_until
from marquee.embedded.services import ROOT, Service
from marquee.embedded.supervisor_conf import configuration
from marquee.settings import Settings
from marquee.tools.process import run

SOCKET_PATH_MAX = 100  # of the 107 bytes that sun_path holds (unix(7)); supervisord binds a longer name first
WAIT_S = 15.0
UNREACHABLE = (OSError, HTTPException, Fault)
STOPPED = ("STOPPED", "EXITED", "FATAL", "UNKNOWN")


@dataclass(frozen=True)
class State:
    """One service as supervisord sees it; `since` is the Unix time of its start, 0 when it is not running."""

    name: str
    state: str
    pid: int
    since: float
    uptime_s: float


class Supervisor:
    """The supervisor of one MARQUEE_HOME, running or not."""

    def __init__(self, s: Settings) -> None:
        self.folder, self.logs = s.home / "run", s.home / "logs"
        self.socket = _socket_path(self.folder)

    @property
    def _rpc(self) -> Any:
        """supervisor's XML-RPC API, over a new connection: one that has failed cannot be used again."""
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        return ServerProxy("http://127.0.0.1", transport=transport).supervisor

    @property
    def leader(self) -> Leader | None:
        """The recorded first process of the session in which all services live; it may be dead."""
        with suppress(FileNotFoundError):
            return Leader(**json.loads((self.folder / "supervisord.life").read_text()))
        return None

    def answers(self) -> bool:
        try:
            return bool(self._rpc.getState()["statename"] == "RUNNING")
        except UNREACHABLE:
            return False

    def write(self, services: Iterable[Service]) -> None:
        """Write the configuration, the specs and the services' own files, all for the owner only."""
        for folder in (self.folder, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        for service in services:
            service.spec.write(self.folder / f"{service.name}.json")
            for path, content in service.files:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
        text = configuration(services, self.folder, self.logs, self.socket, self._recorded)
        (self.folder / "supervisord.conf").write_text(text)

    def recorded(self, service: Service) -> str:
        """The fingerprint under which supervisord runs a service."""
        found = re.search(rf'\[program:{re.escape(service.name)}\].*?FINGERPRINT="(\w+)"', self._written, re.DOTALL)
        return found[1] if found else ""

    def stands_for(self, service: Service) -> None:
        """The running service is as it now should be, though it was started otherwise: it need not start anew."""
        before = self.recorded(service)
        others = {now: then for now, then in self._recorded.items() if then != before}
        (self.folder / "recorded.json").write_text(json.dumps(others | {service.fingerprint: before}))

    def forget(self) -> None:
        """Nothing runs: what starts now is as it should be."""
        (self.folder / "recorded.json").unlink(missing_ok=True)

    @property
    def _written(self) -> str:
        path = self.folder / "supervisord.conf"
        return path.read_text() if path.exists() else ""

    @property
    def _recorded(self) -> dict[str, str]:
        """Fingerprints under which supervisord runs services, by those that they have now."""
        with suppress(FileNotFoundError):
            return dict(json.loads((self.folder / "recorded.json").read_text()))
        return {}

    def start(self) -> None:
        """Start supervisord, which starts nothing yet. Raises Unavailable."""
        self.socket.unlink(missing_ok=True)
        argv = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self.folder / "supervisord.conf")]
        run(argv, timeout_s=WAIT_S, cwd=ROOT)
        if not wait_until(self.answers, WAIT_S):
            raise Unavailable("supervisord does not answer", where=str(self.socket), got=f"see {self.logs}")
        if leader := Leader.of(int(self._rpc.getPID())):
            (self.folder / "supervisord.life").write_text(json.dumps(leader.dict()))

    def reload(self) -> list[str]:
        """Take over the written configuration; changed and removed services are stopped. Returns the changed names."""
        changed = self.changed()
        for name in changed:
            self.exchange(name)
        return changed

    def changed(self) -> list[str]:
        """Read the written configuration; the names of services that `exchange` has to take over, which still run."""
        added, changed, removed = self._rpc.reloadConfig()[0]
        for name in removed:
            self.stop([name])
            self._rpc.removeProcessGroup(name)
        for name in added:
            self._rpc.addProcessGroup(name)
        return list(changed)

    def exchange(self, name: str) -> None:
        """Stop a service, and know it as it is written now."""
        self.stop([name])
        self._rpc.removeProcessGroup(name)
        self._rpc.addProcessGroup(name)

    def states(self) -> dict[str, State]:
        """Every service by name; empty when supervisord does not answer."""
        try:
            found = self._rpc.getAllProcessInfo()
        except UNREACHABLE:
            return {}
        return {p["name"]: _state(p) for p in found}

    def begin(self, names: Iterable[str]) -> None:
        """Ask for a start of those that do not run."""
        states = self.states()
        for name in names:
            if states[name].state in STOPPED:
                with suppress(Fault):  # it has just started by itself
                    self._rpc.startProcess(name, False)

    def stop(self, names: Iterable[str], patience_s: float = WAIT_S) -> None:
        """Stop and wait; what does not go by itself is killed by supervisord after its patience, at most this one."""
        wanted = set(names)
        for name, state in self.states().items():
            if name in wanted and state.state not in STOPPED:
                with suppress(Fault):  # it has just ended by itself
                    self._rpc.stopProcess(name, False)
        wait_until(
            lambda: all(s.state in STOPPED for n, s in self.states().items() if n in wanted), patience_s + WAIT_S
        )

    def signal(self, name: str, signal: str) -> None:
        """Send a signal (HUP) to a service; nothing to one that does not run."""
        with suppress(Fault):
            self._rpc.signalProcess(name, signal)

    def shut_down(self) -> None:
        """End supervisord itself."""
        pid = int(self._rpc.getPID())
        self._rpc.shutdown()
        wait_until(lambda: read(pid) is None, WAIT_S)


def _state(info: dict[str, Any]) -> State:
    running = info["statename"] == "RUNNING"
    since = float(info["start"]) if info["pid"] else 0.0
    return State(info["name"], info["statename"], info["pid"], since, info["now"] - since if running else 0.0)


def _socket_path(folder: Path) -> Path:
    """In the folder, or under the system's temporary folder when the name would be too long for a socket."""
    path = folder / "supervisord.sock"
    if len(str(path)) <= SOCKET_PATH_MAX - 10:
        return path
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"marquee-{name}.sock"
