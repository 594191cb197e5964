"""The table of what the stack runs: one entry per server."""

import hashlib
import math
import os
import pwd
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from marquee.content.edge import nginx
from marquee.embedded import airflow, health
from marquee.embedded.health import Health
from marquee.embedded.launch import Spec
from marquee.embedded.postgres import EmbeddedPostgres
from marquee.embedded.processes import MARK
from marquee.gateway import certificate_folder, installation
from marquee.gateway.nginx import YEAR_S, Site, gateway_conf, is_local
from marquee.settings import Settings
from marquee.tools.nginx import InsideTls, command

ROOT = airflow.ROOT
LOOPBACKS = ("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4")  # an address per region: all of 127/8 is this machine
DATABASE_TIER, AIRFLOW_TIER, PUBLIC_TIER, FRONT_TIER = range(4)
FINISH_S = 15  # in which a server ends what it has begun
SHUT_S = 6  # of these the API keeps for the work beside its requests and for the event log
SHIELD_SHARE = 4  # of an edge's cache: here it only keeps edges that ask at the same time from asking twice
INHERITED = ("HOME", "USER", "LANG", "TZ", "TMPDIR", "JAVA_HOME", "JAVA_TOOL_OPTIONS")
INHERITED_FAMILIES = ("MARQUEE_", "LC_", "AWS_", "SSL_CERT_", "AIRFLOW__")


@dataclass(frozen=True)
class Service:
    """One server. `tier` orders starts (low first) and stops (high first): what viewers reach ends before what it asks.

    `setting` is what moves its port.

    `healthy` is asked with the Unix time at which the process began.
    """

    name: str
    tier: int
    spec: Spec
    healthy: Health
    port: int = 0
    setting: str = ""
    addresses: tuple[str, ...] = ("127.0.0.1",)
    url: str = ""
    stop_signal: str = "TERM"
    patience_s: int = FINISH_S  # from the stop signal to SIGKILL
    files: tuple[tuple[Path, str], ...] = ()  # what it reads, written before it starts
    reload_signal: str = ""  # on which it reads certificates anew and goes on serving

    @property
    def fingerprint(self) -> str:
        """Changes when the service has to be started anew to run as it should."""
        return hashlib.sha256(repr((self.spec.text(), self.files)).encode()).hexdigest()[:16]


def services(s: Settings) -> tuple[Service, ...]:
    """All that the settings call for, in starting order."""
    database = (_postgres(s),) if s.embedded_postgres else ()
    models = () if s.mlflow_url else (_mlflow(s),)
    mail = () if s.smtp_url.get_secret_value() else (_mail_catcher(s),)
    billing = (_billing_sandbox(s),) if s.billing_is_sandbox else ()
    live = (_live_metrics(s),) if s.live_metrics else ()
    events = (_event_forwarder(s),) if s.events_kafka else ()
    front = (_gateway(s),) if s.tls else ()
    figures = (_metrics(s),) if s.metrics else ()
    archive = (_database_log(s),) if s.backup_url and s.embedded_postgres else ()
    media = (_origin(s), _shield(s), *_edges(s))
    behind = (*front, *live, *events, *figures, *archive)
    return (*database, _log_keeper(s), *_airflow(s), *models, *mail, *billing, _api(s), *media, *behind)


def base_environment(s: Settings) -> dict[str, str]:
    """What every service inherits: the settings, the place, and little else, so that any terminal starts the same.

    Services log lines of JSON, whatever people want to read on their terminal: `marquee logs` makes them readable.
    """
    kept = {k: v for k, v in os.environ.items() if k in INHERITED or k.startswith(INHERITED_FAMILIES)}
    programs = str(Path(sys.executable).parent)
    others = [p for p in os.environ.get("PATH", os.defpath).split(os.pathsep) if p != programs]
    place = {"PATH": os.pathsep.join([programs, *others]), "PYTHONPATH": f"{ROOT}", "PYTHONUNBUFFERED": "1"}
    return {**kept, "MARQUEE_LOG_JSON": "true", **place, "MARQUEE_HOME": str(s.home), MARK: str(s.home)}


def settings_environment(s: Settings) -> dict[str, str]:
    """For services that read the settings themselves: a change in .env shows nowhere else, and they must start anew."""
    return base_environment(s) | {"MARQUEE_SETTINGS_STAMP": s.stamp}


def embedded_postgres(s: Settings) -> EmbeddedPostgres:
    return EmbeddedPostgres(s.home / "postgres", s.port_postgres, s.secret("postgres_password"))


def _postgres(s: Settings) -> Service:
    server = embedded_postgres(s)
    spec = Spec(server.command(), "/", {"LANG": "C.UTF-8"}, server.user)
    url = f"postgresql://127.0.0.1:{s.port_postgres}"
    return Service(
        "postgres",
        DATABASE_TIER,
        spec,
        lambda _: server.answers(),
        *_port(s, "postgres"),
        url=url,
        stop_signal="INT",
    )


def _log_keeper(s: Settings) -> Service:
    """Airflow never removes what its tasks have logged."""
    argv = [program("marquee"), "prune-logs", "--every", "60"]
    return Service("log-keeper", PUBLIC_TIER, Spec(argv, str(ROOT), settings_environment(s)), lambda _: True)


def _airflow(s: Settings) -> tuple[Service, ...]:
    airflow_program, environment = program("airflow"), settings_environment(s) | airflow.environment(s)
    monitor = f"http://127.0.0.1:{s.port_airflow}/api/v2/monitor/health"
    log_server = ["airflow.utils.serve_logs.log_server:get_app", "--factory", "--host", "127.0.0.1"]
    log_argv = [program("uvicorn"), *log_server, "--port", str(s.port_airflow_logs), "--no-access-log"]

    def part(name: str, *words: str) -> Service:
        healthy = health.airflow_part(monitor, name.replace("-", "_"))
        spec = Spec([airflow_program, *words], str(ROOT), environment)
        return Service(f"airflow-{name}", AIRFLOW_TIER, spec, healthy)

    behind = ["--proxy-headers"] if s.tls else []
    server = Spec([airflow_program, "api-server", *behind], str(ROOT), environment)
    answers = health.airflow_part(monitor, "metadatabase")
    return (
        # Once it has closed its last connection the api-server's process stays for no use.
        Service(
            "airflow-api-server",
            AIRFLOW_TIER,
            server,
            answers,
            *_port(s, "airflow"),
            (s.behind_gateway,),
            s.airflow_url,
            patience_s=3,
        ),
        part("scheduler", "scheduler", "--skip-serve-logs"),
        part("dag-processor", "dag-processor"),
        part("triggerer", "triggerer", "--skip-serve-logs"),
        Service(
            "airflow-logs",
            AIRFLOW_TIER,
            Spec(log_argv, str(ROOT), environment),
            health.listening(s.port_airflow_logs),
            *_port(s, "airflow_logs"),
        ),
    )


def _api(s: Settings) -> Service:
    argv = [program("uvicorn"), "api.main:app", "--host", s.behind_gateway, "--port", str(s.port_api)]
    argv += ["--no-proxy-headers", "--no-access-log"]  # it knows its proxies, and has an access log, itself
    argv += ["--timeout-graceful-shutdown", str(FINISH_S - SHUT_S)]
    inside = _inside(s, "api")
    shown = inside.identity.certificate if inside else None
    healthy = health.http(f"{_scheme(inside)}://127.0.0.1:{s.port_api}/readyz", shown)
    figures = {"PROMETHEUS_MULTIPROC_DIR": str(s.home / "run" / "api-figures")} if inside else {}  # of two workers
    spec = Spec([*argv, *(_among_servers(inside) if inside else [])], str(ROOT), settings_environment(s) | figures)
    at, signal = (s.behind_gateway,), "HUP" if inside else ""
    patience = FINISH_S + math.ceil(s.drain_s)
    return Service(
        "api",
        PUBLIC_TIER,
        spec,
        healthy,
        *_port(s, "api"),
        at,
        s.api_url,
        patience_s=patience,
        reload_signal=signal,
    )


def _among_servers(inside: InsideTls) -> list[str]:
    """The API's words for TLS to those who show a certificate.

    Certificates are read when a worker begins: on SIGHUP new ones take over before the old ones end, given two or more.
    """
    shown = ["--ssl-certfile", str(inside.identity.certificate), "--ssl-keyfile", str(inside.identity.key)]
    asked = ["--ssl-ca-certs", str(inside.authority), "--ssl-cert-reqs", str(int(ssl.CERT_REQUIRED))]
    return [*shown, *asked, "--workers", "2", "--timeout-worker-healthcheck", "60"]


def _mlflow(s: Settings) -> Service:
    """The tracking server. It knows no users, so it never listens beyond this machine."""
    port = str(s.port_mlflow)
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}
    environment = (
        base_environment(s)
        | quiet
        | {
            "MLFLOW_BACKEND_STORE_URI": s.database("mlflow", driver="psycopg2"),
            "MLFLOW_ARTIFACTS_DESTINATION": f"file://{s.home}/mlflow",
            "MLFLOW_SERVER_ALLOWED_HOSTS": ",".join(_hosts(s.public_mlflow, port)),
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        }
    )
    argv = [program("mlflow"), "server", "--host", "127.0.0.1", "--port", port, "--workers", "1", "--serve-artifacts"]
    healthy = health.http(f"http://127.0.0.1:{port}/health")
    spec = Spec(argv, str(s.home), environment)
    return Service("mlflow", PUBLIC_TIER, spec, healthy, *_port(s, "mlflow"), url=s.public_mlflow)


def _hosts(url: str, port: str) -> tuple[str, ...]:
    """The names under which the tracking server answers: it refuses foreign ones."""
    public = url.split("://", 1)[1]
    return tuple(dict.fromkeys((f"127.0.0.1:{port}", f"localhost:{port}", public)))


def _mail_catcher(s: Settings) -> Service:
    argv = [sys.executable, "-m", "marquee.embedded.mail_catcher", str(s.home / "mail"), str(s.port_smtp)]
    spec = Spec(argv, str(ROOT), base_environment(s))
    return Service("mail", PUBLIC_TIER, spec, health.listening(s.port_smtp), *_port(s, "smtp"))


def _billing_sandbox(s: Settings) -> Service:
    port = str(s.port_billing)
    argv = [program("uvicorn"), "api.billing_sandbox.main:app", "--host", s.host, "--port", port, "--no-access-log"]
    spec = Spec(argv, str(ROOT), settings_environment(s))
    healthy = health.listening(s.port_billing)
    return Service("billing", PUBLIC_TIER, spec, healthy, *_port(s, "billing"), (s.host,), s.billing_url)


def _live_metrics(s: Settings) -> Service:
    argv = [sys.executable, "-m", "spark_jobs", "live"]
    return Service("live-metrics", PUBLIC_TIER, Spec(argv, str(ROOT), settings_environment(s)), lambda _: True)


def _event_forwarder(s: Settings) -> Service:
    """Carries events from the log to the brokers' topic; what it has not taken when it stops, the log keeps."""
    spec = Spec([program("marquee"), "forward-events"], str(ROOT), settings_environment(s))
    return Service("event-forwarder", PUBLIC_TIER, spec, lambda _: True)


def _database_log(s: Settings) -> Service:
    """Carries the database's log to the backup; what it has not taken when it stops, the database keeps."""
    argv = [sys.executable, "-m", "marquee.backup.wal"]
    return Service("database-log", PUBLIC_TIER, Spec(argv, str(ROOT), settings_environment(s)), lambda _: True)


def _metrics(s: Settings) -> Service:
    """The platform's figures for Prometheus, and the gateway's spans."""
    healthy = health.http(f"http://127.0.0.1:{s.port_metrics}/healthz")
    spec = Spec([program("marquee"), "metrics"], str(ROOT), settings_environment(s))
    return Service("metrics", PUBLIC_TIER, spec, healthy, *_port(s, "metrics"))


def _origin(s: Settings) -> Service:
    listens = dict(zip(s.origins, LOOPBACKS, strict=False))
    regions = tuple(
        nginx.Region(name, f"{address}:{s.port_origin}", _folder(s.origins[name]), s.origin_http_urls.get(name, ""))
        for name, address in listens.items()
    )
    inside = _inside(s, "origin")
    conf = nginx.origin_conf(regions, user=_nginx_user(), resolver=s.origin_resolver, inside=inside)
    answers = f"{_scheme(inside)}://127.0.0.1:{s.port_origin}/healthz"
    return _nginx(s, "origin", conf, _port(s, "origin"), tuple(listens.values()), answers=answers)


def _shield(s: Settings) -> Service:
    """One for all regions: they are one machine."""
    cache_mb = max(1, s.edge_cache_mb // SHIELD_SHARE)
    listen = f"127.0.0.1:{s.port_shield}"
    inside, user = _inside(s, "shield"), _nginx_user()
    conf = nginx.shield_conf("shield", listen, _origin_addresses(s), user=user, cache_mb=cache_mb, inside=inside)
    answers = f"{_scheme(inside)}://{listen}/healthz"
    return _nginx(s, "shield", conf, _port(s, "shield"), ("127.0.0.1",), _edge_secret(s), answers=answers)


def _edges(s: Settings) -> tuple[Service, ...]:
    return tuple(_edge(s, place, name) for place, (name, edge) in enumerate(s.edges.items()) if edge.port)


def _edge(s: Settings, place: int, name: str) -> Service:
    edge = s.edges[name]
    origins = _origin_addresses(s, edge.region or list(s.origins)[place % len(s.origins)])
    conf = nginx.edge_conf(
        name,
        f"{s.host}:{edge.port}",
        (f"127.0.0.1:{s.port_shield}", *origins),
        api=f"127.0.0.1:{s.port_api}",
        user=_nginx_user(),
        log_folder=s.edge_log / name,
        cache_mb=s.edge_cache_mb,
        public=installation.public_identity(s, "edge") if s.tls else None,
        inside=_inside(s, "edge"),
    )
    url = edge.public(name, s.scheme)
    secrets = _edge_secret(s) | {"MARQUEE_WATERMARK_KEY": s.secret("watermark_key")}
    return _nginx(s, name, conf, (edge.port, "MARQUEE_EDGES"), (s.host,), secrets, url, tier=FRONT_TIER)


def _origin_addresses(s: Settings, first: str = "") -> tuple[str, ...]:
    """The servers of all regions, beginning with one. A region without a replica reads the others'."""
    addresses = dict(zip(s.origins, (f"{address}:{s.port_origin}" for address in LOOPBACKS), strict=False))
    return tuple(addresses[region] for region in sorted(addresses, key=lambda region: region != first))


def _edge_secret(s: Settings) -> dict[str, str]:
    return {"MARQUEE_EDGE_KEY": s.secret("edge_key")}


def _gateway(s: Settings) -> Service:
    names = [urlsplit(url).hostname or "" for url in (s.api_url, s.airflow_url)]
    conf = gateway_conf(
        f"{s.host}:{s.port_gateway}",
        api=Site(urlsplit(s.api_url).netloc, tuple({names[0]: 0, "localhost": 0}), f"127.0.0.1:{s.port_api}"),
        airflow=Site(urlsplit(s.airflow_url).netloc, (names[1],), f"127.0.0.1:{s.port_airflow}"),
        public=installation.public_identity(s, "gateway"),
        proxies=s.proxies_before_gateway,
        believed=(s.country_header, s.isp_header),
        inside=_inside(s, "gateway"),
        hsts_s=0 if is_local(names) else YEAR_S,
        rate=s.gateway_rate,
        user=_nginx_user(),
        spans=f"127.0.0.1:{s.port_gateway_spans}" if s.otlp_url and s.metrics else "",
        span_share=s.trace_share,
    )
    answers = f"https://localhost:{s.port_gateway}/gateway"
    at = (s.host,)
    return _nginx(s, "gateway", conf, _port(s, "gateway"), at, url=s.api_url, answers=answers, tier=FRONT_TIER)


def _inside(s: Settings, role: str) -> InsideTls | None:
    return certificate_folder.inside(s.certificates, role) if s.mutual_tls else None


def _scheme(inside: InsideTls | None) -> str:
    return "https" if inside else "http"


def _nginx(
    s: Settings,
    name: str,
    conf: str,
    port: tuple[int, str],
    addresses: tuple[str, ...],
    secret: dict[str, str] | None = None,
    url: str = "",
    answers: str = "",
    tier: int = PUBLIC_TIER,
) -> Service:
    """`answers` is the address that tells its health, by default an edge's. On SIGQUIT it finishes what it serves."""
    prefix = s.home / "nginx" / name
    spec = Spec(command(prefix), str(prefix), base_environment(s) | (secret or {}))
    healthy = health.http(answers or f"{s.scheme}://{addresses[0]}:{port[0]}/healthz")
    files = ((prefix / "nginx.conf", conf),)
    return Service(
        name, tier, spec, healthy, *port, addresses, url, stop_signal="QUIT", files=files, reload_signal="HUP"
    )


def _port(s: Settings, name: str) -> tuple[int, str]:
    """A server's port and the setting that names it."""
    return getattr(s, f"port_{name}"), f"MARQUEE_PORT_{name.upper()}"


def _nginx_user() -> str:
    return pwd.getpwuid(0).pw_name if os.geteuid() == 0 else ""


def _folder(url: str) -> Path | None:
    return Path(url.removeprefix("file://")) if url.startswith("file://") else None


def program(name: str) -> str:
    """A program of this environment."""
    return str(Path(sys.executable).parent / name)
