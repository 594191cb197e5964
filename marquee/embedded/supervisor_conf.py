"""supervisord's configuration, made from the table of services."""

import os
import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from marquee.embedded.services import ROOT, Service

HEAD = """[unix_http_server]
file={socket}
chmod=0700

[supervisord]
pidfile={run}/supervisord.pid
logfile={logs}/supervisord.log
logfile_maxbytes=5MB
logfile_backups=1
childlogdir={logs}
directory={root}
user={user}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{socket}
"""

PROGRAM = """
[program:{name}]
command={command}
environment=FINGERPRINT="{fingerprint}"
directory={root}
autostart=false
autorestart=true
startsecs=1
startretries=3
stopsignal={stop_signal}
stopwaitsecs={patience_s}
killasgroup=true
redirect_stderr=true
stdout_logfile={logs}/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=2
"""


def configuration(
    services: Iterable[Service], run: Path, logs: Path, socket: Path, recorded: Mapping[str, str] | None = None
) -> str:
    """Nothing starts by itself; what has been started and ends is started again.

    The fingerprint is there for supervisord to notice that a service has changed: the rest of it stands in its spec.
    `recorded` are those of services, by their fingerprint now, that have taken a change without a new start.
    """
    places = {"run": run, "logs": logs, "root": ROOT, "socket": socket}
    programs = (
        PROGRAM.format(
            **places,
            name=service.name,
            command=_command(run / f"{service.name}.json"),
            fingerprint=_fingerprint(service, recorded or {}),
            stop_signal=service.stop_signal,
            patience_s=service.patience_s,
        )
        for service in services
    )
    return HEAD.format(**places, user=os.geteuid()) + "".join(programs)


def _fingerprint(service: Service, recorded: Mapping[str, str]) -> str:
    """That of before where the change was taken; another one where what is there has taken a change since."""
    own = service.fingerprint
    return recorded.get(own, f"{own}anew" if own in recorded.values() else own)


def _command(spec: Path) -> str:
    return shlex.join([sys.executable, "-m", "marquee.embedded.launch", str(spec)])
