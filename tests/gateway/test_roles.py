"""Inside, a gateway goes on only with who shows the certificate of an API."""

from pathlib import Path

import pytest

from marquee.embedded.processes import wait_until
from marquee.gateway import certificate_folder
from marquee.gateway.certificates import Use, issue, new_authority, now
from tests.gateway.conftest import a_front, an_api, listens


@pytest.mark.parametrize(("role", "status"), [("api", 200), ("origin", 503), ("edge", 503), ("stranger", 503)])
def test_only_an_api_is_one(certificates: Path, catalogue: None, tmp_path: Path, role: str, status: int) -> None:
    front = a_front(tmp_path / "gateway", certificates, inside=certificate_folder.inside(certificates, "gateway"))
    shown = certificate_folder.identity(certificates, role, "inside").certificate
    if role == "stranger":
        shown = tmp_path / "stranger.pem"
        shown.write_bytes(issue(new_authority(now()), ["api.marquee.internal"], Use.BOTH, now()).pem())
    front.nginx.start()
    try:
        with an_api(front.api_port, tmp_path, ssl_certfile=str(shown)), front.client() as client:
            assert wait_until(lambda: listens(front.api_port), 5)
            assert client.get("/livez").status_code == status
    finally:
        front.nginx.stop()
