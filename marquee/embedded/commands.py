"""Commands on the embedded servers: up, down, status, addresses."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from marquee.contracts.errors import Unavailable
from marquee.embedded import airflow, processes
from marquee.embedded.ports import require_free
from marquee.embedded.prepare import prepare_databases, prepare_folders
from marquee.embedded.services import AIRFLOW_TIER, Service, services
from marquee.embedded.supervisor import STOPPED, State, Supervisor
from marquee.gateway import installation
from marquee.settings import Profile, Settings

PATIENCE_S = 300.0
LIVES = 3
TAIL_LINES = 25

Say = Callable[[str], None]


@dataclass(frozen=True)
class Status:
    """One line of `marquee status`. `state` is supervisord's word, or STOPPED when it does not run."""

    name: str
    state: str
    pid: int
    uptime_s: float
    url: str


@dataclass(frozen=True)
class Address:
    """Where a person goes in."""

    name: str
    url: str
    user: str = ""
    password: str = ""


def up(s: Settings, say: Say, *, migrate: Callable[[], None], only: Iterable[str] = ()) -> None:
    """Start what does not run and wait until every service is healthy; quick when there is nothing to do.

    `migrate` brings the catalogue's schema up to date once the database answers. `only` names the services to start,
    all by default. Raises Conflict when ports are taken and Unavailable, with the last lines of its log, when a
    service does not come up.
    """
    names = set(only)
    table = services(s)
    wanted = [service for service in table if not names or service.name in names]
    with_airflow = any(service.tier == AIRFLOW_TIER for service in wanted)
    supervisor = Supervisor(s)
    prepare_folders(s)
    if s.tls and any(each.new for each in installation.ensure(s)):
        _reload(s)
    _take_charge(s, supervisor, table, wanted, say)
    bring_up(supervisor, [x for x in wanted if not x.tier], say)
    prepare_databases(s, migrate, say, with_airflow=with_airflow)
    bring_up(supervisor, [x for x in wanted if x.tier], say)
    if with_airflow:
        airflow.ensure_pools(s)


def renew_certificates(s: Settings, say: Say, *, replace: bool = False) -> None:
    """Make certificates that are missing or soon end (`replace`: all), and have the running servers take them.

    Those of the operator are taken as they now are. Nothing that is being served is broken off. Raises InvalidInput, or
    Conflict where a file is in the way.
    """
    made = installation.ensure(s, replace=replace)
    for each in made:
        say(f"{each.path}: {'made' if each.new else 'kept'}, good until {each.until:%Y-%m-%d}")
    if s.tls_certificate or any(each.new for each in made):
        _reload(s)


def _reload(s: Settings) -> None:
    """Have the running servers read their certificates anew."""
    supervisor = Supervisor(s)
    for service in services(s) if supervisor.answers() else ():
        if service.reload_signal:
            supervisor.signal(service.name, service.reload_signal)


def down(s: Settings, say: Say) -> None:
    """Stop everything, public servers first and the database last, and see to it that nothing is left.

    Also when supervisord was killed. Raises Unavailable when a process will not end.
    """
    supervisor = Supervisor(s)
    if supervisor.answers():
        table = services(s)
        for tier in sorted({service.tier for service in table}, reverse=True):
            ending = [service for service in table if service.tier == tier]
            names = [service.name for service in ending]
            supervisor.stop(names, max(service.patience_s for service in ending))
            say(f"stopped {', '.join(names)}")
        supervisor.shut_down()
    _end_leftovers(s, supervisor, say)


def status(s: Settings) -> list[Status]:
    """Every service, in starting order."""
    states = Supervisor(s).states()
    nothing = State("", "STOPPED", 0, 0, 0)
    found = ((service, states.get(service.name, nothing)) for service in services(s))
    return [Status(service.name, state.state, state.pid, state.uptime_s, service.url) for service, state in found]


def addresses(s: Settings) -> list[Address]:
    """The addresses people use, with the demo's credentials; other profiles keep theirs to themselves."""
    users = airflow.passwords(s) if s.profile is Profile.DEMO else {}
    inside = [Address("Airflow", s.airflow_url, user, password) for user, password in users.items()]
    return [
        Address("Web app", s.api_url),
        Address("API reference", f"{s.api_url}/docs"),
        *(inside or [Address("Airflow", s.airflow_url)]),
        Address("MLflow", s.public_mlflow),
        *([Address("Billing", s.billing_url)] if s.billing_is_sandbox else []),
        *([Address("Mail", f"{s.api_url}/demo/mail")] if s.mail_is_caught else []),
    ]


def _take_charge(
    s: Settings, supervisor: Supervisor, table: Sequence[Service], wanted: Sequence[Service], say: Say
) -> None:
    """Have a supervisord that knows the services as the settings now describe them."""
    if supervisor.answers():
        supervisor.write(table)
        for name in supervisor.reload():
            say(f"{name} starts anew: its settings have changed")
        states = supervisor.states()
        require_free([x for x in wanted if states[x.name].state in STOPPED])
    else:
        _end_leftovers(s, supervisor, say)
        require_free(wanted)
        supervisor.forget()
        supervisor.write(table)
        supervisor.start()


def _end_leftovers(s: Settings, supervisor: Supervisor, say: Say) -> None:
    def left() -> set[int]:
        return processes.of_stack(str(s.home), supervisor.leader)

    if count := processes.end(left):
        say(f"ended {count} processes that nobody watched")
    if remaining := left():
        raise Unavailable("processes of the stack will not end", got=", ".join(map(str, sorted(remaining))))


def bring_up(supervisor: Supervisor, wanted: Sequence[Service], say: Say) -> None:
    """Start services and wait until they are healthy. Raises Unavailable."""
    started = time.monotonic()
    supervisor.begin(service.name for service in wanted)
    for service in wanted:
        _await(supervisor, service)
        say(f"{service.name:<22} ready {time.monotonic() - started:6.1f} s  {service.url}".rstrip())


def _await(supervisor: Supervisor, service: Service) -> None:
    """Wait until it is healthy. Raises Unavailable when it will not be any more."""
    lives: set[int] = set()

    def settled() -> bool:
        state = supervisor.states()[service.name]
        lives.add(state.pid)
        if state.state == "FATAL" or len(lives - {0}) > LIVES:
            raise _failure(supervisor, service, "it ended again and again")
        return state.pid > 0 and service.healthy(state.since)

    if not processes.wait_until(settled, PATIENCE_S):
        raise _failure(supervisor, service, f"not healthy after {PATIENCE_S:.0f} s")


def _failure(supervisor: Supervisor, service: Service, what: str) -> Unavailable:
    path = supervisor.logs / f"{service.name}.log"
    with path.open(errors="replace") as file:
        tail = "".join(deque(file, TAIL_LINES))
    return Unavailable(f"{service.name} did not start: {what}; the end of its log is\n{tail}", where=str(path))
