"""A real name server answers by the place of who asks and by the health of the regions."""

import base64
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pydantic import SecretStr, ValidationError

from marquee.contracts.errors import InvalidInput, Unavailable
from marquee.embedded.ports import free
from marquee.embedded.processes import wait_until
from marquee.regions import name_server
from marquee.regions.name_server import TTL_S, addresses_of
from marquee.regions.routing import NameServer, Router
from marquee.settings import Settings
from marquee.settings.regions import Region

NAMED = shutil.which("named", path=f"{os.environ['PATH']}:/usr/sbin")
KEY, ZONE = base64.b64encode(b"a key of the tests, 32 bytes lon").decode(), "vod.example"
DATABASE = "postgresql://marquee:p@127.0.0.1:5432"
REGIONS = {
    "eu": Region(
        database=DATABASE,
        addresses=("192.0.2.1", "2001:db8::1"),
        health="http://eu",
        networks=("127.0.1.0/24",),
        name_server="127.0.0.1",
    ),
    "us": Region(database=DATABASE, addresses=("192.0.2.2",), health="http://us", networks=("127.0.2.0/24",)),
    "ap": Region(database=DATABASE, addresses=("192.0.2.3",), health="http://ap"),
}
pytestmark = pytest.mark.skipif(NAMED is None or shutil.which("dig") is None, reason="needs bind9 and bind9-dnsutils")


@pytest.fixture(scope="module")
def server() -> Iterator[NameServer]:
    (port,) = free(1)
    with TemporaryDirectory(prefix="marquee-tests-") as name:
        folder = Path(name)
        conf = name_server.write(folder, REGIONS, ZONE, SecretStr(KEY), name="eu", port=port)
        account = ["-u", _own(folder)] if os.geteuid() == 0 else []
        process = subprocess.Popen([str(NAMED), "-f", "-c", str(conf), *account])
        found = NameServer(REGIONS["eu"].name_server, port, ZONE, KEY)
        try:
            assert wait_until(lambda: bool(ask(found, "127.0.0.1")), 10)
            yield found
        finally:
            process.terminate()
            process.wait(10)


def _own(folder: Path) -> str:
    """Give the folder to an account that named may run as."""
    account = next(each.pw_name for each in pwd.getpwall() if each.pw_name in ("bind", "named"))
    for path in (folder, *folder.iterdir()):
        shutil.chown(path, account)
    return account


def ask(server: NameServer, place: str, type_: str = "A") -> set[str]:
    """What a resolver at an address is answered."""
    argv = ["dig", f"@{server.address}", "-p", str(server.port), "-b", place, ZONE, type_]
    said = subprocess.run([*argv, "+noall", "+answer", "+time=1", "+tries=1"], capture_output=True, text=True)
    lines = re.findall(rf"^{ZONE}\.\s+(\d+)\s+IN\s+{type_}\s+(\S+)$", said.stdout, re.MULTILINE)
    assert all(int(ttl) <= 30 for ttl, _ in lines)
    return {address for _, address in lines}


def test_answers_by_place_and_health(server: NameServer) -> None:
    well = {"http://eu", "http://us", "http://ap"}
    router = Router(REGIONS, server, well.__contains__)
    assert router.step()
    assert not router.step()  # nothing has changed
    assert ask(server, "127.0.1.9") == {"192.0.2.1"}
    assert ask(server, "127.0.1.9", "AAAA") == {"2001:db8::1"}
    assert ask(server, "127.0.2.9") == {"192.0.2.2"}
    assert ask(server, "127.0.9.9") == {"192.0.2.1", "192.0.2.2", "192.0.2.3"}

    well.remove("http://eu")
    assert [router.step() for _ in range(2)] == [False, True]  # two in a row
    assert ask(server, "127.0.1.9") == ask(server, "127.0.9.9") == {"192.0.2.2", "192.0.2.3"}
    assert ask(server, "127.0.1.9", "AAAA") == set()
    assert ask(server, "127.0.2.9") == {"192.0.2.2"}

    well.add("http://eu")
    assert [router.step() for _ in range(2)] == [False, True]
    assert ask(server, "127.0.1.9") == {"192.0.2.1"}


def test_a_wrong_key_changes_nothing(server: NameServer) -> None:
    before = ask(server, "127.0.2.9")
    forged = NameServer(server.address, server.port, ZONE, base64.b64encode(b"another").decode())
    with pytest.raises(Unavailable):
        forged.tell("us", ["203.0.113.66"])
    with pytest.raises(Unavailable):  # nor does the key of one view change another name than the platform's
        NameServer(server.address, server.port, f"other.{ZONE}", KEY).tell("us", ["203.0.113.66"])
    assert ask(server, "127.0.2.9") == before


def test_zones_that_there_are_stay(server: NameServer, tmp_path: Path) -> None:
    name_server.write(tmp_path, REGIONS, ZONE, SecretStr(KEY), name="eu", port=53)
    (tmp_path / "us.zone").write_text("the server's")
    name_server.write(tmp_path, REGIONS, ZONE, SecretStr(KEY), name="eu", port=53)
    assert (tmp_path / "us.zone").read_text() == "the server's"
    assert (tmp_path / "named.conf").stat().st_mode & 0o007 == 0


def test_where_nobody_is_well_all_are_answered() -> None:
    every = {"192.0.2.1", "2001:db8::1", "192.0.2.2", "192.0.2.3"}
    assert set(addresses_of(REGIONS, preferred="us", well=frozenset())) == {"192.0.2.2"}
    assert set(addresses_of(REGIONS, preferred="anywhere", well=frozenset())) == every
    assert TTL_S <= 30


def test_what_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="MARQUEE_DNS_KEY"):
        name_server.write(tmp_path, REGIONS, ZONE, SecretStr(""), name="eu", port=53)
    with pytest.raises(InvalidInput, match="name_server"):
        name_server.write(tmp_path, REGIONS, ZONE, SecretStr(KEY), name="us", port=53)
    with pytest.raises(ValidationError, match="postgresql://user:password@host:port"):
        Region(database="postgresql://nowhere")
    with pytest.raises(ValidationError, match="one of MARQUEE_REGIONS: eu, us, ap"):
        Settings(_env_file=None, regions=REGIONS, region="mars")
