"""What a script of nginx says of clients at given addresses: a real nginx that believes who says where he is."""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import httpx

from marquee.embedded.ports import free
from marquee.embedded.processes import wait_until
from marquee.tools.nginx import TEMPLATES, command, lua_modules

CONF = """
{modules}
daemon off;
pid nginx.pid;
error_log stderr crit;
env MARQUEE_EDGE_KEY;
events {{}}
http {{
    client_body_temp_path temp;
    access_log off;
    lua_package_path "{scripts}/?.lua;;";
    set_real_ip_from 127.0.0.1;
    server {{
        listen 127.0.0.1:{port};
        location / {{ content_by_lua_block {{ ngx.print({expression}) }} }}
    }}
}}
"""


def said_of(addresses: Iterable[str], expression: str, folder: Path) -> dict[str, bytes]:
    """The value of a Lua expression, for a request from each address."""
    (port,) = free(1)
    modules = "\n".join(f'load_module "{path}";' for path in lua_modules())
    folder.joinpath("nginx.conf").write_text(
        CONF.format(modules=modules, scripts=TEMPLATES, port=port, expression=expression)
    )
    process = subprocess.Popen(command(folder), env={**os.environ, "MARQUEE_EDGE_KEY": "of tests"})
    try:

        def ask(address: str) -> httpx.Response | None:
            try:
                return httpx.get(f"http://127.0.0.1:{port}/", headers={"X-Real-IP": address})
            except httpx.ConnectError:
                return None

        assert wait_until(lambda: ask("::1") is not None, 10)
        answers = {address: ask(address) for address in addresses}
        assert all(answer and answer.status_code == 200 for answer in answers.values())
        return {address: answer.content for address, answer in answers.items() if answer}
    finally:
        process.terminate()
        process.wait(10)
