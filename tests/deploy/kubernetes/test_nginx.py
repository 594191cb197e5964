"""What deploy/docker/nginx.py writes for the words of the manifests."""

import re
import runpy
from typing import Any

import pytest

from tests.manifests import ROOT, pod, rendered, words


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "deploy/docker/nginx.py"))


def written(script: dict[str, Any], overlay: str, name: str) -> str:
    line = words(rendered(overlay), pod(rendered(overlay), name).spec["containers"][0])
    conf: str = script["configuration"](script["arguments"](line))
    return conf


@pytest.mark.parametrize("name", ["gateway", "edge-a", "shield", "origin"])
def test_as_many_processes_as_processors_are_given(script: dict[str, Any], name: str) -> None:
    """By itself nginx starts one for each of the node's."""
    assert "worker_processes 2;" in written(script, "single-region", name)


def test_airflow_has_a_name_where_it_is(script: dict[str, Any]) -> None:
    name = re.compile(r"^\s+server_name (.*);", re.MULTILINE)
    names = {o: name.findall(written(script, o, "gateway")) for o in ("single-region", "multi-region/us")}
    assert names["single-region"] == ["watch.example.com localhost", "airflow.example.com"]
    assert names["multi-region/us"] == ["watch.example.com localhost"]
    assert "Strict-Transport-Security" in written(script, "multi-region/us", "gateway")


def test_each_role_has_an_upstream_of_its_own(script: dict[str, Any]) -> None:
    conf = written(script, "multi-region/us", "gateway")
    for role in ("members", "playback", "events"):
        assert re.search(rf"upstream api_{role} {{\s+server api-{role}:8000;", conf), role
