"""The API's description: complete, true to what is served, and shown by a page that asks nobody else."""

import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.api.world import CATALOG, World
from voltherd.api import docs


@pytest.fixture
async def description(world: World) -> Any:
    return (await world.client.get("/openapi.json")).json()


def test_leaves_no_reference_open(description: Any) -> None:
    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [found for member in value.values() for found in references(member)]
        return [found for item in value for found in references(item)] if isinstance(value, list) else []

    found = references(description)
    assert found
    for reference in found:
        here = description
        for part in reference.removeprefix("#/").split("/"):
            here = here[part]


def test_describes_every_command_with_all_its_names(description: Any) -> None:
    schemas = description["components"]["schemas"]
    for name, kind in CATALOG.commands.items():
        envelope = schemas[f"{name}Envelope"]
        assert envelope["description"]
        array, members = envelope["oneOf"]
        assert array["prefixItems"][0]["enum"] == [name, *kind.aliases]
        assert members["properties"]["command"]["enum"] == [name, *kind.aliases]
        assert array["prefixItems"][1]["$ref"] == f"#/components/schemas/{name}"
    body = description["paths"]["/charging-stations/{stationId}/commands"]["post"]["requestBody"]
    refs = {one["$ref"].rpartition("/")[2] for one in body["content"]["application/json"]["schema"]["oneOf"]}
    assert refs == {f"{name}Envelope" for name in CATALOG.commands}


def test_describes_every_resource_and_its_filters(description: Any) -> None:
    for model in CATALOG.readmodels.values():
        for resource in model.resources:
            path = re.sub(r"_([a-z])", lambda found: found[1].upper(), resource.path)
            listed = description["paths"][path]["get"]
            names = {parameter["name"] for parameter in listed["parameters"]}
            assert {"limit", "offset", "cursor", "sort", *resource.filters} <= names


def test_has_an_id_for_each_operation(description: Any) -> None:
    ids = [
        about["operationId"]
        for path in description["paths"].values()
        for about in path.values()
        if "operationId" in about
    ]
    assert len(ids) == len(set(ids))


def test_has_schemas_that_are_schemas(description: Any) -> None:
    for schema in description["components"]["schemas"].values():
        jsonschema_rs.validator_for({**schema, "components": description["components"]})


async def test_is_true_to_what_is_served(station: World) -> None:
    description = (await station.client.get("/openapi.json")).json()
    await station.command("CS-1", "UnlockConnector", {"evseId": 1})
    await station.client.post("/id-tokens", json={"idToken": "A"})
    for path in (
        "/charging-stations",
        "/commands",
        "/id-tokens",
        "/charging-stations/{stationId}",
        "/charging-stations/{stationId}/commands",
    ):
        responses = description["paths"][path]["get"]["responses"]
        schema = responses["200"]["content"]["application/json"]["schema"]
        response = await station.client.get(path.replace("{stationId}", "CS-1"))
        assert response.status_code == 200
        validator = jsonschema_rs.validator_for({**schema, "components": description["components"]})
        assert [error.message for error in validator.iter_errors(response.json())] == []


async def test_has_examples_that_are_taken(world: World) -> None:
    description = (await world.client.get("/openapi.json")).json()
    body = description["paths"]["/charging-stations/{stationId}/commands"]["post"]["requestBody"]
    examples = body["content"]["application/json"]["examples"]
    assert "Register a station" in examples
    for example in examples.values():
        response = await world.client.post("/charging-stations/CS-1/commands", json=example["value"])
        # There is no transaction to stop yet.
        assert response.status_code == (404 if example["value"][0] == "StopTransaction" else 202), example


async def test_asks_for_a_key_only_where_one_is_set(description: Any) -> None:
    assert "security" not in description


async def test_shows_a_page_that_needs_nobody_else(world: World) -> None:
    folder = Path(docs.__file__).parent / "static"
    for path, (name, media_type) in {
        "/docs": ("docs.html", "text/html; charset=utf-8"),
        "/docs/docs.js": ("docs.js", "text/javascript; charset=utf-8"),
        "/docs/docs.css": ("docs.css", "text/css; charset=utf-8"),
    }.items():
        response = await world.client.get(path)
        assert (response.status_code, response.headers["content-type"]) == (200, media_type)
        assert response.content == (folder / name).read_bytes()
        assert not re.search(r"https?://|//[a-z]+\.", re.sub(r"^\s*//.*$", "", response.text, flags=re.M))
        assert "default-src 'none'" in response.headers["content-security-policy"]
