"""The plugin as Airflow's server has it, in a process of its own: a database of Airflow's is not to be had there."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
AIRFLOW = {
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://nobody@127.0.0.1:1/none",
    "PYTHONPATH": f"{ROOT}:{ROOT}/plugins",
}


def printed(code: str, airflow_home: Path, *, asked: object = None, **environment: str) -> dict[str, Any]:
    """What Python code prints as JSON in its last line, beside these variables; it is asked by standard input."""
    env = os.environ | AIRFLOW | {"AIRFLOW_HOME": str(airflow_home)} | environment
    argv, said = [sys.executable, "-c", code], json.dumps(asked)
    done = subprocess.run(argv, cwd=ROOT, env=env, input=said, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
