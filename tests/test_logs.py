"""Lines of JSON: whoever logs in a process of ours, they have the same fields, and no secret in them."""

import json
import subprocess
import sys

WRITE = """
import logging, sys, warnings
from marquee import logs
import uvicorn.config
logging.config.dictConfig(uvicorn.config.LOGGING_CONFIG)
logs.configure(json=True, service="api")
import structlog
with structlog.contextvars.bound_contextvars(trace_id="abc"):
    logs.log.info("request", path="/v1/titles", status=200)
    try:
        raise ValueError("no account of ada@example.org")
    except ValueError:
        logs.log.exception("unexpected")
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
    logging.getLogger("uvicorn.access").info("203.0.113.7:1 - GET /?token=secret")
    logging.getLogger("some.library").warning("late")
logging.getLogger("httpx").info("HTTP Request: GET https://x/?token=secret")
warnings.warn("old")
"""


def test_every_logger_of_a_process_writes_the_same_form() -> None:
    done = subprocess.run([sys.executable, "-c", WRITE], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["level"], line["event"].partition("\n")[0][-28:]) for line in lines[:4]] == [
        ("info", "request"),
        ("error", "unexpected"),
        ("info", "Started server process [7]"),
        ("warning", "late"),
    ]
    assert all(list(line)[:4] == ["timestamp", "level", "service", "event"] for line in lines)
    assert {line["service"] for line in lines} == {"api"}
    assert {line["trace_id"] for line in lines[:4]} == {"abc"}
    assert "UserWarning: old" in lines[-1]["event"]
    assert "ValueError: no account of [redacted]" in lines[1]["exception"]
    assert "secret" not in done.stderr
    assert not done.stdout
