"""Territories: where a request comes from, by the word of a trusted proxy, a database of addresses, or the settings."""

import shutil
import tempfile
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from pathlib import Path

import maxminddb

from marquee.contracts.errors import InvalidInput
from marquee.contracts.territories import NOWHERE, WORLD, country_of
from marquee.logs import log
from marquee.settings import settings

Stamp = tuple[int, int, int]


def territory(said: str, address: str) -> str:
    """The country that a request comes from (ISO 3166-1 alpha-2), ZZ where nothing is known.

    `said` is what a trusted proxy says, empty where none does; `address` is the caller's.
    """
    if found := country_of(said):
        return found
    database = _database()
    if database is not None and (found := database.country(address)):
        return found
    return NOWHERE if settings().territory == WORLD else settings().territory


def is_fixed() -> bool:
    """Whether all requests come from the installation's own territory."""
    return settings().territory_database is None and not settings().country_header


def follow() -> bool:
    """Open the database anew if its file was replaced; whether there is one. Raises InvalidInput before the first."""
    database = _database()
    if database is not None:
        database.follow()
    return database is not None


def _database() -> "CountryDatabase | None":
    file = settings().territory_database
    return None if file is None else _opened(file)


@lru_cache
def _opened(file: Path) -> "CountryDatabase":
    return CountryDatabase(file)


class CountryDatabase:
    """A database in MaxMind's format that knows the countries of addresses. Raises InvalidInput for any other file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._stamp, self._reader = _stamp(file), _open(file)
        except (OSError, maxminddb.InvalidDatabaseError) as error:
            raise InvalidInput(
                "not a database of countries",
                where=f"MARQUEE_TERRITORY_DATABASE={file}",
                expected="a file in MaxMind's format (.mmdb)",
                got=str(error),
            ) from error

    def country(self, host: str) -> str | None:
        """The country of a public address; None where it is not known."""
        try:
            address = ip_address(host)
            if isinstance(address, IPv6Address):
                address = address.ipv4_mapped or address
            record = self._reader.get(address) if address.is_global else None
        except (ValueError, maxminddb.InvalidDatabaseError):  # no address, or one of IPv6 where only IPv4 is known
            return None
        return country_of(_code(record))

    def follow(self) -> None:
        """Open the file anew if it was replaced; the one before stays in use while the new one cannot be read."""
        try:
            stamp = _stamp(self._file)
            if stamp != self._stamp:
                self._stamp, self._reader = stamp, _open(self._file)
                log.info("database of countries read anew", file=str(self._file))
        except (OSError, maxminddb.InvalidDatabaseError) as error:
            log.error("database of countries not read, the one before stays", file=str(self._file), error=str(error))


def _stamp(file: Path) -> Stamp:
    about = file.stat()
    return about.st_ino, about.st_mtime_ns, about.st_size


def _open(file: Path) -> maxminddb.Reader:
    """A reader of a copy without a name: the file itself may be written over at any moment."""
    with file.open("rb") as source, tempfile.NamedTemporaryFile() as copy:
        shutil.copyfileobj(source, copy)
        copy.flush()
        return maxminddb.open_database(copy.name)


def _code(record: object) -> str:
    """The code as MaxMind and DB-IP write it (country.iso_code), or as IPinfo does (country_code)."""
    if not isinstance(record, dict):
        return ""
    country = record.get("country")
    code = country.get("iso_code") if isinstance(country, dict) else record.get("country_code")
    return code if isinstance(code, str) else ""
