"""Has a running stack take a new version of the code: schema first, then servers by their kind, viewers undisturbed.

nginx's servers read their configuration anew and break off nothing. The API finishes what it is answering and starts
anew, then the others do; a chunk that was being encoded is encoded again, finished ones are kept. The database goes on.
"""

import compileall
import io
import sys
from collections.abc import Callable, Container, Iterable, Sequence
from contextlib import redirect_stdout
from pathlib import Path

from marquee.contracts.errors import ToolFailed
from marquee.embedded import airflow, commands, processes
from marquee.embedded.launch import Spec
from marquee.embedded.prepare import prepare_databases, prepare_folders
from marquee.embedded.services import AIRFLOW_TIER, DATABASE_TIER, ROOT, Service, services
from marquee.embedded.supervisor import STOPPED, Supervisor
from marquee.settings import Settings
from marquee.tools.process import run

NEW_WORKERS_S = 10.0
TEST_S = 30
FIRST = "api"  # of those that start anew: viewers miss it most
CODE = ("marquee", "api", "ml", "plugins", "dags", "spark_jobs")

Say = Callable[[str], None]


def upgrade(s: Settings, say: Say, *, migrate: Callable[[], None]) -> None:
    """Take over the code as it now is on disk; a stack that does not run is started.

    `migrate` brings the catalogue's schema up to date, beside the API of before. Raises Conflict, before anything is
    touched, when the schema is newer than this code; Unavailable when a service does not come up.
    """
    supervisor = Supervisor(s)
    if not supervisor.answers():
        commands.up(s, say, migrate=migrate)
        return
    migrate()
    prepare_folders(s)
    _compile()
    wanted = _wanted(supervisor, services(s))
    kept = {service.name for service in wanted if _goes_on(s, supervisor, service, say)}
    supervisor.write(services(s))
    changed = set(supervisor.changed())
    anew = [service for service in wanted if service.name not in kept]
    first, rest = _parted(anew, lambda service: service.name == FIRST)
    airflows, others = _parted(rest, lambda service: service.tier == AIRFLOW_TIER)
    for service in (*first, *others):  # one at a time: of two edges one is always there
        _start_anew(supervisor, [service], changed, say)
    if airflows:
        _stop(supervisor, airflows, changed)
        prepare_databases(s, lambda: None, say, with_airflow=True)
        commands.bring_up(supervisor, airflows, say)
        airflow.ensure_pools(s)


def _wanted(supervisor: Supervisor, table: Iterable[Service]) -> list[Service]:
    """What runs, and what this version has and the former had not."""
    states = supervisor.states()
    return [each for each in table if each.name not in states or states[each.name].state not in STOPPED]


def _goes_on(s: Settings, supervisor: Supervisor, service: Service, say: Say) -> bool:
    """Whether a server takes the new version without a new start; supervisord is told that it runs as it should."""
    if service.tier == DATABASE_TIER:
        if supervisor.recorded(service) != service.fingerprint:
            say(f"{service.name} runs on as it was started: `marquee down` and `marquee up` when it suits")
        supervisor.stands_for(service)
        return True
    if not service.files or not supervisor.recorded(service) or not _read_anew(s, supervisor, service):
        return False
    supervisor.stands_for(service)
    say(f"{service.name:<22} has read its configuration anew")
    return True


def _read_anew(s: Settings, supervisor: Supervisor, service: Service) -> bool:
    """Have nginx read its configuration; False when it needs a new start, as after a change of its secrets.

    Raises ToolFailed for a configuration that nginx refuses: it goes on with the former.
    """
    if Spec.read(s.home / "run" / f"{service.name}.json") != service.spec:
        return False
    for path, content in service.files:
        _write_tested(s, service, path, content)
    master = supervisor.states()[service.name].pid
    before = _children(master)
    supervisor.signal(service.name, service.reload_signal)
    return processes.wait_until(lambda: bool(_children(master) - before), NEW_WORKERS_S)


def _write_tested(s: Settings, service: Service, path: Path, content: str) -> None:
    former = path.read_text()
    path.write_text(content)
    check = s.home / "run" / "nginx-test.json"
    spec = service.spec
    Spec([*spec.argv, "-t"], spec.directory, spec.environment).write(check)
    try:
        run([sys.executable, "-m", "marquee.embedded.launch", str(check)], timeout_s=TEST_S, cwd=ROOT)
    except ToolFailed:
        path.write_text(former)
        raise


def _children(pid: int) -> set[int]:
    return {each.pid for each in processes.everything() if each.parent == pid}


def _start_anew(supervisor: Supervisor, wanted: Sequence[Service], changed: Container[str], say: Say) -> None:
    _stop(supervisor, wanted, changed)
    commands.bring_up(supervisor, wanted, say)


def _stop(supervisor: Supervisor, wanted: Sequence[Service], changed: Container[str]) -> None:
    """Stop services, and have supervisord know those that have changed as they now are."""
    supervisor.stop(service.name for service in wanted)
    for service in wanted:
        if service.name in changed:
            supervisor.exchange(service.name)


def _parted(wanted: Iterable[Service], first: Callable[[Service], bool]) -> tuple[list[Service], list[Service]]:
    found = list(wanted)
    return [each for each in found if first(each)], [each for each in found if not first(each)]


def _compile() -> None:
    """Compile the modules while the servers of before still answer: it would lengthen the API's start."""
    with redirect_stdout(io.StringIO()):
        for folder in CODE:
            compileall.compile_dir(ROOT / folder, quiet=2)
