"""The dashboards that are kept are those that the generator makes, and Grafana is given each of them."""

import json
import runpy
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MADE = runpy.run_path(str(ROOT / "deploy/grafana/dashboards.py"))


@pytest.mark.parametrize("title", MADE["DASHBOARDS"])
def test_what_is_kept_is_what_is_made(title: str) -> None:
    assert MADE["file_of"](title).read_text() == MADE["rendered"](title, MADE["DASHBOARDS"][title])


def test_each_has_a_name_of_its_own_and_the_data_source_that_is_given() -> None:
    boards = [json.loads(path.read_text()) for path in (ROOT / "deploy/grafana/dashboards").glob("*.json")]
    (source,) = yaml.safe_load((ROOT / "deploy/grafana/provisioning/datasource.yml").read_text())["datasources"]
    assert len({board["uid"] for board in boards}) == len(boards) == len(MADE["DASHBOARDS"])
    assert {panel["datasource"]["uid"] for board in boards for panel in board["panels"]} == {source["uid"]}


def test_the_containers_get_all_of_them() -> None:
    mounted = (ROOT / "docker-compose.yml").read_text()
    for path in (ROOT / "deploy/grafana/dashboards").glob("*.json"):
        assert f"./deploy/grafana/dashboards/{path.name}:/var/lib/grafana-dashboards/{path.name}:ro" in mounted
