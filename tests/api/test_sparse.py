"""Sparse answers: whatever fields are asked for, each title is the whole one without the others."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.main import create_app
from marquee.catalogue import collections
from marquee.catalogue.database import begin
from marquee.contracts.collection import Collection
from tests.api.conftest import Publish, assert_problem
from tests.households import Viewer

WANTED = ("name", "name,poster_url", "title_id", "episode,year,year,genres")
OPERATIONS = {
    path: operation["get"]
    for path, operation in create_app().openapi()["paths"].items()
    if any(each["name"] == "fields" for each in operation.get("get", {}).get("parameters", []))
}


@pytest.fixture
def paths(client: TestClient, viewer: Viewer, publish: Publish) -> dict[str, str]:
    """An address of each operation that takes `fields`, with something to tell."""
    episode = {"kind": "episode", "episode": {"series": "the-coast", "season": 1, "number": 1}}
    made = publish("coast", metadata=episode | {"credits": [{"name": "Ada", "role": "director"}]})
    publish("other")
    with begin() as session:
        collections.put(session, Collection(slug="the-coast", texts={"en": {"name": "C"}}, titles=("coast", "other")))
    person = client.get(f"/v1/titles/{made.title_id}").json()["credits"][0]["person_id"]
    ids = {"title_id": made.title_id, "person_id": person, "slug": "the-coast", "list_name": "new"}
    ids["profile_id"] = str(viewer.profile_id)
    return {path: path.format(**ids) + ("?query=lantern" if path == "/v1/search" else "?") for path in OPERATIONS}


def titles(answer: Any) -> Iterator[dict[str, Any]]:
    """All titles of an answer, however deep."""
    if isinstance(answer, dict) and "title_id" in answer:
        yield answer
    elif isinstance(answer, dict | list):
        for part in answer.values() if isinstance(answer, dict) else answer:
            yield from titles(part)


def without(answer: Any, wanted: set[str]) -> Any:
    if isinstance(answer, dict) and "title_id" in answer:
        return {name: value for name, value in answer.items() if name in wanted}
    if isinstance(answer, dict):
        return {name: without(part, wanted) for name, part in answer.items()}
    return [without(part, wanted) for part in answer] if isinstance(answer, list) else answer


def test_a_sparse_answer_is_the_whole_one_without_the_rest(client: TestClient, paths: dict[str, str]) -> None:
    assert len(paths) >= 9
    for address in paths.values():
        whole = client.get(address)
        assert list(titles(whole.json())), address
        tags = {whole.headers["etag"]}
        for fields in WANTED:
            answer = client.get(f"{address}&fields={fields}")
            assert answer.json() == without(whole.json(), {"title_id", *fields.split(",")}), address
            same = {name: whole.headers[name] for name in ("cache-control", "vary")}
            assert {name: answer.headers[name] for name in same} == same
            tags.add(answer.headers["etag"])
            unchanged = {"If-None-Match": answer.headers["etag"]}
            assert client.get(f"{address}&fields={fields}", headers=unchanged).status_code == 304
            assert client.get(address, headers=unchanged).status_code == 200
        assert len(tags) == 1 + len(WANTED), address


def test_unknown_fields_are_refused_with_those_that_there_are(client: TestClient, paths: dict[str, str]) -> None:
    for path, address in paths.items():
        (parameter,) = [each for each in OPERATIONS[path]["parameters"] if each["name"] == "fields"]
        (schema,) = [each for each in parameter["schema"]["anyOf"] if each["type"] == "string"]
        known = schema["pattern"].removeprefix("^(").partition(")")[0].split("|")
        everything = client.get(f"{address}&fields={','.join(known)}")
        assert everything.json() == client.get(address).json(), address
        for wrong in ("colour", "name,", "", "name poster_url", "NAME", "name," * 100 + "name"):
            refused = client.get(address, params={"query": "lantern", "fields": wrong})
            problem = assert_problem(refused, 422, "invalid-input")
            (fault,) = [each for each in problem["errors"] if each["field"] == "fields"]
            if wrong == "colour":
                assert all(name in fault["expected"] for name in known), address


def test_the_description_says_what_a_sparse_answer_holds() -> None:
    for path, operation in OPERATIONS.items():
        whole, sparse = operation["responses"]["200"]["content"]["application/json"]["schema"]["anyOf"]
        assert '"required": ["title_id"]' in json.dumps(sparse), path
        assert "$ref" in whole
