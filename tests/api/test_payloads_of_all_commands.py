"""Every member of every command, given in the wrong type, is told with a pointer to it; nothing is ever our fault."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.test_lenient import VALUES
from tests.api.world import CATALOG, World
from voltherd.api import openapi, shapes
from voltherd.api.naming import camel
from voltherd.api.orders import members_as_sent, read_wish
from voltherd.api.problems import Problem
from voltherd.kernel.messages import OperatorCommand

COMMANDS = sorted(CATALOG.commands.values(), key=lambda kind: kind.__name__)
TEMPLATE = "#/$defs/{model}"


def named(value: object) -> str:
    return getattr(value, "__name__", str(value))


def schema_of(kind: type[OperatorCommand]) -> tuple[Any, Mapping[str, Any]]:
    shape = openapi.payload_shape(kind)
    references, definitions = shapes.schemas([shape], TEMPLATE)
    return references[shape], definitions


def resolved(schema: Any, definitions: Mapping[str, Any]) -> Any:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix("#/$defs/")]
    return schema


def fitting(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Some value that fits the schema."""
    schema = resolved(schema, definitions)
    if "anyOf" in schema:
        return fitting(schema["anyOf"][0], definitions)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object" if "properties" in schema:
            return {name: fitting(schema["properties"][name], definitions) for name in schema.get("required", ())}
        case "object":
            return {"key": fitting(schema.get("additionalProperties", {}), definitions)}
        case "array":
            return [fitting(schema["items"], definitions)] * max(1, schema.get("minItems", 1))
        case "string" if schema.get("format") == "date-time":
            return "2026-01-01T00:00:00Z"
        case "string":
            return "x" * max(1, schema.get("minLength", 1))
        case "integer" | "number":
            return max(schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1, 1)
        case "boolean":
            return True
    return "anything"


def wrong(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """A value of a type that the schema does not know."""
    schema = resolved(schema, definitions)
    kinds = {resolved(one, definitions).get("type") for one in schema.get("anyOf", [schema])}
    values = {"object": {"no such member": 1}, "array": [{"no such": 1}], "integer": -3.5, "boolean": True}
    return next(value for kind, value in values.items() if kind not in kinds and None not in kinds)


def every_member() -> Iterator[Any]:
    for kind in COMMANDS:
        schema, definitions = schema_of(kind)
        for member, names in members_as_sent(kind).items():
            for name in names:
                yield pytest.param(kind, camel(member), name, schema, definitions, id=f"{kind.__name__}-{name}")


@pytest.mark.parametrize(("kind", "canonical", "name", "schema", "definitions"), list(every_member()))
async def test_points_to_a_member_of_the_wrong_type(
    world: World, kind: type[OperatorCommand], canonical: str, name: str, schema: Any, definitions: Mapping[str, Any]
) -> None:
    back = {camel(member): names[0] for member, names in members_as_sent(kind).items()}
    payload = {back[member]: value for member, value in fitting(schema, definitions).items() if member != canonical}
    payload[name] = wrong(resolved(schema, definitions)["properties"][canonical], definitions)
    response = await world.command("CS-1", kind.__name__, payload)
    assert response.status_code == 422
    pointers = [fault["pointer"] for fault in response.json()["errors"]]
    assert any(pointer == f"/{name}" or pointer.startswith(f"/{name}/") for pointer in pointers)


@pytest.mark.parametrize("kind", COMMANDS, ids=named)
def test_reads_what_its_own_description_asks_for(kind: type[OperatorCommand]) -> None:
    schema, definitions = schema_of(kind)
    back = {camel(member): names[0] for member, names in members_as_sent(kind).items()}
    payload = {back[member]: value for member, value in fitting(schema, definitions).items()}
    assert set(read_wish(kind, payload).members) == set(members_as_sent(kind))


@pytest.mark.parametrize("kind", COMMANDS, ids=named)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_takes_or_refuses_whatever_comes(kind: type[OperatorCommand], data: st.DataObject) -> None:
    names = [name for one in members_as_sent(kind).values() for name in one]
    known = st.sampled_from([*names, "key", "value", "keys", "id", "type"])
    payload = data.draw(st.dictionaries(known | st.text(max_size=3), VALUES, max_size=5))
    problem = problem_of(kind, payload)
    assert problem is None or (problem.status == 422 and problem.errors)


def problem_of(kind: type[OperatorCommand], payload: Mapping[str, Any]) -> Problem | None:
    try:
        read_wish(kind, payload)
    except Problem as problem:
        return problem
    return None
