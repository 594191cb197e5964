"""The one settings class. Every value can be set as MARQUEE_<NAME> in the environment or in .env."""

import base64
import contextlib
import hashlib
import os
import re
import secrets
import tempfile
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import AnyHttpUrl, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SECRETS = ("master_key", "edge_key", "token_key", "airflow_password", "airflow_secret")


class Profile(StrEnum):
    """`demo` makes missing secrets and may use fixed demo names; `production` refuses to start without secrets."""

    DEMO = "demo"
    PRODUCTION = "production"


class Audience(StrEnum):
    """Whose viewing counts. Simulated viewers are never mixed with real ones unless that is asked for."""

    REAL = "real"
    SIMULATED = "simulated"
    ALL = "all"

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins of the viewers that count, as the lake's rows name them."""
        real, simulated = ("demo", "account", "imported"), ("simulated",)
        return {Audience.REAL: real, Audience.SIMULATED: simulated}.get(self, real + simulated)


class Settings(BaseSettings):
    """All of Marquee's configuration. See .env.example for each value in words."""

    model_config = SettingsConfigDict(
        env_prefix="MARQUEE_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    profile: Profile = Profile.DEMO
    home: Path = Field(default=Path("var"), validate_default=True)
    log_json: bool = False

    # Addresses. Embedded servers listen on `host`; what a browser is told is built from the public names.
    host: str = "127.0.0.1"
    port_postgres: int = 54329
    port_airflow: int = 8080
    port_api: int = 8000
    port_origin: int = 8090
    port_edge_a: int = 8091
    port_edge_b: int = 8092
    port_airflow_logs: int = 8093
    port_mlflow: int = 5000
    public_api_url: AnyHttpUrl | None = None
    public_edge_urls: dict[str, str] = {}  # edge name to URL as viewers reach it
    edge_urls: dict[str, str] = {}  # edge name to URL as the platform itself reaches it, to warm it
    public_airflow_url: AnyHttpUrl | None = None
    public_mlflow_url: AnyHttpUrl | None = None
    mlflow_url: AnyHttpUrl | None = None  # a tracking server elsewhere; the embedded one by default

    # State
    database_url: str = ""
    mezzanine_url: str = ""
    work_url: str = ""
    lake_url: str = ""  # events and what Spark makes of them
    warehouse_url: str = ""  # the marts as Parquet
    event_log_path: Path | None = None  # the API's own event log, on a disk that its processes share
    origin_urls: dict[str, str] = {}  # region to fsspec URL of that replica
    origin_http_urls: dict[str, str] = {}  # region to HTTP address of the same replica, where it is no local folder
    origin_resolver: str = ""  # DNS server by which nginx finds those addresses
    edge_cache_mb: int = Field(default=20_480, gt=0)

    # Secrets
    master_key: SecretStr = SecretStr("")
    edge_key: SecretStr = SecretStr("")
    token_key: SecretStr = SecretStr("")
    airflow_password: SecretStr = SecretStr("")
    airflow_secret: SecretStr = SecretStr("")
    postgres_password: SecretStr = SecretStr("")  # of the embedded server; made where it is missing, in any profile

    # Work
    transcode_slots: int = Field(default_factory=lambda: os.cpu_count() or 1, gt=0)
    delivery_settle_s: float = Field(default=5, ge=0)
    approval_timeout_h: float = Field(default=72, gt=0)
    warmup_budget_bytes: int = Field(default=4 * 1024**3, ge=0)
    max_source_bytes: int = Field(default=512 * 1024**3, gt=0)
    territory: str = Field(default="*", pattern=r"^([A-Z]{2}|\*)$")  # in which viewers are taken to be
    playback_token_s: int = Field(default=6 * 3600, gt=0)

    # Data and models
    audience: Audience | None = None  # whose viewing marts and models are made of
    spark_master: str = "local[*]"
    spark_memory: str = Field(default="1g", pattern=r"^[1-9]\d*[mg]$")  # heap of the Spark driver
    live_metrics: bool = False  # run the streaming job that says what is being watched this minute
    country_header: str = ""  # request headers by which the operator's own proxy names a viewer's country and ISP
    isp_header: str = ""
    edge_regions: dict[str, list[str]] = {}  # edge name to the countries it serves; one that is not named serves all
    premium_plays: float = Field(default=1000, gt=0)  # expected in a day, from which a title earns premium encodes
    model_seed: int = 20_200_101
    tuning_trials: int = Field(default=0, ge=0)  # of the nightly search for hyper-parameters; 0 takes the kept ones

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        path = home.expanduser().resolve()
        if not re.fullmatch(r"[\w ./+@,=~-]+", str(path)):
            raise ValueError(f"{path}: it is written into servers' configurations, so it may not hold such characters")
        return path

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [f"MARQUEE_{name.upper()}" for name in SECRETS if not self._secret(name)]
        if missing and self.profile is Profile.PRODUCTION:
            raise ValueError(f"the production profile needs {', '.join(missing)} to be set")
        return self

    def _secret(self, name: str) -> str:
        value: SecretStr = getattr(self, name)
        return value.get_secret_value()

    def secret(self, name: str) -> str:
        """A secret by name; the demo profile makes it once and keeps it in MARQUEE_HOME/secrets, for the owner only."""
        if value := self._secret(name):
            return value
        path = self.home / "secrets" / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _create(path, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("="))
        return path.read_text()

    def database(self, name: str = "marquee", driver: str = "psycopg") -> str:
        """SQLAlchemy URL of one of the databases: marquee, airflow, mlflow."""
        base = self.database_url or self._embedded_url
        return f"{base.replace('postgresql://', f'postgresql+{driver}://')}/{name}"

    @property
    def stamp(self) -> str:
        """Changes with any value, wherever it was set; it reveals none."""
        values = {
            name: self._secret(name) if name in SECRETS else getattr(self, name) for name in type(self).model_fields
        }
        return hashlib.sha256(repr(values).encode()).hexdigest()[:16]

    @property
    def _embedded_url(self) -> str:
        return f"postgresql://marquee:{self.secret('postgres_password')}@127.0.0.1:{self.port_postgres}"

    @property
    def embedded_postgres(self) -> bool:
        return not self.database_url

    @property
    def mezzanine(self) -> str:
        return self.mezzanine_url or f"file://{self.home}/mezzanine"

    @property
    def work(self) -> str:
        return self.work_url or f"file://{self.home}/work"

    @property
    def lake(self) -> str:
        return self.lake_url or f"file://{self.home}/lake"

    @property
    def warehouse(self) -> str:
        return self.warehouse_url or f"file://{self.home}/warehouse"

    @property
    def event_log(self) -> Path:
        return self.event_log_path or self.home / "events"

    @property
    def counted(self) -> Audience:
        """Whose viewing marts and models are made of: everybody's in the demo, real viewers' in production."""
        return self.audience or (Audience.REAL if self.profile is Profile.PRODUCTION else Audience.ALL)

    @property
    def origins(self) -> dict[str, str]:
        """Region to replica URL; three regions by default."""
        return self.origin_urls or {r: f"file://{self.home}/origin/{r}" for r in ("eu", "us", "ap")}

    @property
    def edges(self) -> dict[str, str]:
        """Edge name to public URL. Each edge has a host name of its own: players ban a failed edge by host name."""
        return self.public_edge_urls or {
            "edge-a": f"http://edge-a.localhost:{self.port_edge_a}",
            "edge-b": f"http://edge-b.localhost:{self.port_edge_b}",
        }

    @property
    def edge_addresses(self) -> dict[str, str]:
        """Edge name to the URL by which the platform itself reaches it; not every resolver knows *.localhost."""
        embedded = {
            "edge-a": f"http://{self.host}:{self.port_edge_a}",
            "edge-b": f"http://{self.host}:{self.port_edge_b}",
        }
        return self.edge_urls or self.public_edge_urls or embedded

    @property
    def api_url(self) -> str:
        return str(self.public_api_url or f"http://localhost:{self.port_api}").rstrip("/")

    @property
    def airflow_url(self) -> str:
        return str(self.public_airflow_url or f"http://localhost:{self.port_airflow}").rstrip("/")

    @property
    def mlflow(self) -> str:
        """The tracking server as the platform itself reaches it."""
        return str(self.mlflow_url or f"http://127.0.0.1:{self.port_mlflow}").rstrip("/")

    @property
    def public_mlflow(self) -> str:
        """The tracking server as a browser reaches it."""
        return str(self.public_mlflow_url or self.mlflow_url or f"http://localhost:{self.port_mlflow}").rstrip("/")

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @property
    def quarantine(self) -> Path:
        return self.home / "quarantine"


def _create(path: Path, content: str) -> None:
    """A file for the owner only, appearing whole; when another process was faster, its content stays."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:  # made with mode 0600
        file.write(content)
        file.flush()
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)


@lru_cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
