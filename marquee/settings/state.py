"""State: the databases, the stores and the folders that hold what the platform knows."""

from pathlib import Path

from pydantic import Field

from marquee.settings.addresses import Addresses
from marquee.settings.credentials import Credentials
from marquee.settings.database_url import ANY, READ_WRITE, any_of, of_database
from marquee.settings.regions import Regional


class State(Addresses, Credentials, Regional):
    """Each store is a folder below MARQUEE_HOME unless its URL is set."""

    database_url: str = ""
    cache_url: str = ""  # redis://, rediss:// or unix://; empty: what processes share stands in PostgreSQL
    read_database_url: str = ""  # of a copy near by, for reads that may be some seconds old
    inbox_url: str = ""  # file:// for another folder, or object storage
    import_path: Path | None = None  # what the desk may import titles from
    mezzanine_url: str = ""
    work_url: str = ""
    lake_url: str = ""  # events and what Spark makes of them
    warehouse_url: str = ""  # the marts as Parquet
    exports_url: str = ""  # members' copies of their data: no edge and no origin reads there
    event_log_path: Path | None = None  # the API's own event log, on a disk that its processes share
    edge_log_path: Path | None = None  # what edges log, a folder each, on a disk that the shipping task shares
    origin_urls: dict[str, str] = {}  # region to fsspec URL of that replica
    origin_http_urls: dict[str, str] = {}  # region to HTTP address of the same replica, where it is no local folder
    origin_resolver: str = ""  # DNS server by which nginx finds those addresses
    backup_url: str = ""  # where `marquee backup` and the log of the database go; file:// or object storage
    backup_passphrase_file: Path | None = None  # what the secrets in a backup are encrypted with
    backup_keep: int = Field(default=7, ge=1)  # backups that stay when a new one was made
    backup_wal_s: float = Field(default=10, ge=1)  # how often the database's log is carried to the backup
    edge_cache_mb: int = Field(default=20_480, gt=0)

    def database(self, name: str = "marquee", driver: str = "psycopg") -> str:
        """SQLAlchemy URL of one of the databases: marquee, airflow, mlflow, billing. It takes writes."""
        return of_database(self._writer, name, driver)

    def near_database(self, name: str = "marquee", driver: str = "psycopg") -> str:
        """The same for reads that may be some seconds old: this region's, and another one when that is away."""
        near = any_of((region.database for region in self.nearest_first), ANY) if self.regions else self._writer
        return of_database(self.read_database_url or near, name, driver)

    @property
    def _writer(self) -> str:
        if self.regions and not self.database_url:
            return any_of((region.database for region in self.nearest_first), READ_WRITE)
        return self.database_url or self._embedded_url

    @property
    def _embedded_url(self) -> str:
        return f"postgresql://marquee:{self.secret('postgres_password')}@127.0.0.1:{self.port_postgres}"

    @property
    def embedded_postgres(self) -> bool:
        return not (self.database_url or self.regions)

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
    def exports(self) -> str:
        return self.exports_url or f"file://{self.home}/exports"

    @property
    def event_log(self) -> Path:
        return self.event_log_path or self.home / "events"

    @property
    def edge_log(self) -> Path:
        return self.edge_log_path or self.home / "edge-log"

    @property
    def origins(self) -> dict[str, str]:
        """Region to replica URL; three regions by default."""
        return self.origin_urls or {r: f"file://{self.home}/origin/{r}" for r in ("eu", "us", "ap")}

    @property
    def backup(self) -> str:
        """The URL of the backup's store."""
        return self.backup_url or f"file://{self.home}/backups"

    @property
    def inbox(self) -> Path:
        """The inbox, or with one on object storage the folder in which deliveries are made ready for it."""
        local = self.inbox_url.startswith("file://")
        return Path(self.inbox_url.removeprefix("file://")) if local else self.home / "inbox"

    @property
    def remote_inbox(self) -> str:
        """The URL of an inbox on object storage; empty where the inbox is a folder."""
        return "" if self.inbox_url.startswith("file://") else self.inbox_url

    @property
    def quarantine(self) -> Path:
        return self.home / "quarantine"
