"""The web app's types of the API are those that its description gives."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api.main import create_app

WEB = Path(__file__).resolve().parents[2] / "web"


def test_the_types_of_the_web_app_are_current() -> None:
    """`make web-types` writes them anew."""
    node = shutil.which("node", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if node is None or not (WEB / "node_modules").is_dir():
        pytest.skip("needs node and the web app's packages (make setup)")
    described = json.dumps(create_app().openapi())
    argv = [node, "scripts/api-types.mjs"]
    done = subprocess.run(argv, cwd=WEB, input=described, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert (WEB / "src/api/schema.ts").read_text() == done.stdout, "run `make web-types`"
