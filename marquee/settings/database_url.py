"""URLs of PostgreSQL: of one server, or of several of which one is taken.

Several stand in the query, as libpq and SQLAlchemy both read them: ?host=a,b&port=1,2&target_session_attrs=read-write.
"""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

PORT = 5432
READ_WRITE, ANY = "read-write", "any"
# A server that was cut off is given up after so long: a connection that was open, and one that is being made.
CUT_MS, CONNECT_S = 4000, 2


def any_of(urls: Iterable[str], wanted: str) -> str:
    """One URL of several servers: the first that is `wanted` (libpq's target_session_attrs) is taken."""
    every = [urlsplit(url) for url in urls]
    credentials = every[0].netloc.rpartition("@")[0]
    servers = ",".join(each.netloc.rpartition("@")[2] for each in every)
    query = urlencode([*parse_qsl(every[0].query), ("target_session_attrs", wanted)])
    return f"postgresql://{credentials}@{servers}?{query}"


def of_database(url: str, name: str, driver: str) -> str:
    """The URL of a database of these servers, for SQLAlchemy."""
    parts = urlsplit(url)
    credentials, _, servers = parts.netloc.rpartition("@")
    query, at = parse_qsl(parts.query), parts.netloc
    if "," in servers:
        hosts, ports = zip(*((host, port or PORT) for host, _, port in _split(servers)), strict=True)
        query += [("host", ",".join(hosts)), ("port", ",".join(map(str, ports)))]
        at = f"{credentials}@"
    said = f"?{urlencode(query, safe=',')}" if query else ""
    return f"postgresql+{driver}://{at}/{name}{said}"


def _split(servers: str) -> list[tuple[str, str, str]]:
    return [server.partition(":") for server in servers.split(",")]
