"""The payloads of every version agree with their JSON schemas, in the opinion of an independent referee.

Known differences, each evened out before the referee is asked:
* an explicit `null` for an optional member is read as absent (see `voltherd.ocpp.payload`);
* 1.0 is accepted for an integer, which draft 4 (the schemas of 1.6) refuses and later drafts accept;
* an integer has at most 64 bits, because no database takes more;
* `multipleOf: 0.1` (1.6) is not checked: in binary arithmetic it refuses nearly every valid value;
* formats (date-time, uri) are left to the dialects, which read them leniently;
* numbers beyond every IEEE double are refused (see `test_payload.py`): the referee's own parser has none.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Final, TypeAlias, cast

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voltherd.ocpp.payload import Payload, PayloadInvalid, decode, encode

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Schema: TypeAlias = dict[str, Json]

DIALECTS: Final = ("v16", "v201", "v21")
# 387 schemas: with 25 examples of each, and a dozen mutants of each example, the file takes 12 seconds.
EXAMPLES: Final = 25
MUTANTS: Final = 12


def read_schemas() -> Mapping[tuple[str, str], Schema]:
    spec = find_spec("ocpp")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    found = {}
    for dialect in DIALECTS:
        for path in sorted(Path(spec.submodule_search_locations[0], dialect, "schemas").glob("*.json")):
            name = path.stem if path.stem.endswith(("Request", "Response")) else f"{path.stem}Request"
            found[dialect, name] = cast("Schema", json.loads(path.read_text("utf-8-sig")))
    return found


SCHEMAS: Final = read_schemas()


def table(dialect: str, name: str) -> Mapping[str, type[Payload]]:
    return cast("Mapping[str, type[Payload]]", getattr(import_module(f"voltherd.ocpp.{dialect}.payloads"), name))


def struct_of(dialect: str, name: str) -> type[Payload]:
    if name.endswith("Request"):
        return table(dialect, "REQUESTS")[name.removesuffix("Request")]
    return table(dialect, "RESPONSES")[name.removesuffix("Response")]


# --- instances that a schema permits ----------------------------------------------------------------------


def resolved(schema: Schema, root: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    definitions = cast("Mapping[str, Schema]", root["definitions"])
    return definitions[str(schema["$ref"]).removeprefix("#/definitions/")]


class Author:
    """Writes instances of a schema by chance, some with every member and some with none that can be spared."""

    def __init__(self, root: Schema, random: Random, generosity: float | None = None) -> None:
        self.root = root
        self.random = random
        self.generosity = random.choice([0.0, 0.2, 0.5, 1.0]) if generosity is None else generosity

    def write(self, schema: Schema) -> Json:
        schema = resolved(schema, self.root)
        if "enum" in schema:
            return self.random.choice(cast("list[Json]", schema["enum"]))
        match schema.get("type"):
            case "object":
                return self.write_object(schema)
            case "array":
                shortest, longest = (
                    cast("int", schema.get("minItems", 0)),
                    cast("int", schema.get("maxItems", 2)),
                )
                items = cast("Schema", schema["items"])
                fewest = max(shortest, int(self.generosity))
                return [self.write(items) for _ in range(self.random.randint(fewest, min(longest, 2)))]
            case "string":
                longest = cast("int", schema.get("maxLength", 40))
                # A character beyond the basic plane is one character too.
                texts = ["", "Ω", '\t"\\/', "x" * longest, "\N{ELECTRIC PLUG}" * longest]
                return self.random.choice([text for text in texts if len(text) <= longest])
            case "integer":
                return self.random.choice(self.whole_numbers(schema))
            case "number":
                low, high = self.whole_numbers(schema)[0], self.whole_numbers(schema)[-1]
                return self.random.choice([low, high, self.random.uniform(low, high), low * 1e-30])
            case "boolean":
                return self.random.choice([True, False])
            case None:
                return self.write_anything()
            case other:
                raise AssertionError(other)

    def write_object(self, schema: Schema) -> Json:
        properties = cast("Mapping[str, Schema]", schema.get("properties", {}))
        required = cast("Sequence[str]", schema.get("required", []))
        written = {
            name: self.write(member)
            for name, member in properties.items()
            if name in required or self.random.random() < self.generosity
        }
        if schema.get("additionalProperties", True) is not False and self.random.random() < 0.5:
            written["vendorid"] = self.write_anything()
        return written

    def write_anything(self) -> Json:
        return deepcopy(self.random.choice(ANYTHING))

    def whole_numbers(self, schema: Schema) -> Sequence[int]:
        low, high = schema.get("minimum", -(2.0**40)), schema.get("maximum", 2.0**40)
        assert isinstance(low, float)
        assert isinstance(high, float)
        middle = self.random.randint(int(low), int(high))
        return [int(low), middle, int(high)]


ANYTHING: Final[Sequence[Json]] = [
    None,
    True,
    -7,
    0.1,
    1e300,
    "text",
    [],
    {},
    [1, [None, {"a": 2.5}]],
    {"": {"b": ["c"]}},
]


# --- instances with one thing changed ---------------------------------------------------------------------

Place: TypeAlias = tuple[list[Json] | dict[str, Json], int | str]


def places(value: Json) -> Iterator[Place]:
    if isinstance(value, dict):
        for name in value:
            yield value, name
            yield from places(value[name])
    elif isinstance(value, list):
        for index in range(len(value)):
            yield value, index
            yield from places(value[index])


CONSTANTS: Final[Sequence[Json]] = [
    None,
    True,
    0,
    -1,
    101,
    1.0,
    1.5,
    2**70,
    "1",
    "NaN",
    [],
    {},
    {"vendorId": "v", "x": 1},
    {"vendorId": "v" * 256},
    {"vendorId": 1},
]


def replacement(old: Json, random: Random) -> Json:
    """Something else, or something similar just beyond the limits."""
    if random.random() < 0.5:
        return deepcopy(random.choice(CONSTANTS))
    match old:
        case str():
            return old + "x"
        case int() | float() if not isinstance(old, bool):
            return -old
        case list():
            return old[:1] * random.choice([0, 5, 30, 30, 1025])
        case dict():
            return {**old, "surplus": 1}
        case _:
            return [old]


def mutant(value: Json, random: Random) -> Json:
    root: list[Json] = [deepcopy(value)]
    container, key = random.choice(list(places(root)))
    if isinstance(container, dict):
        name = str(key)
        if random.random() < 0.2:
            del container[name]
        else:
            container[name] = replacement(container[name], random)
    else:
        index = int(key)
        container[index] = replacement(container[index], random)
    return root[0]


# --- the limits that a schema draws -----------------------------------------------------------------------

Limit: TypeAlias = tuple[Json, Json]


def limits(schema: Schema, value: Json) -> Iterator[Limit]:
    """What is just within and what is just beyond each limit of one member, by its schema."""
    if "enum" in schema:
        yield value, f"{value}?"
    if (longest := schema.get("maxLength")) is not None:
        assert isinstance(longest, int)
        yield "x" * longest, "x" * (longest + 1)
    if (minimum := schema.get("minimum")) is not None:
        yield minimum, cast("float", minimum) - 1
    if (maximum := schema.get("maximum")) is not None:
        yield maximum, cast("float", maximum) + 1
    if isinstance(value, list):
        fewest, most = cast("int", schema.get("minItems", 0)), cast("int | None", schema.get("maxItems"))
        if fewest:
            yield value[:1] * fewest, value[:1] * (fewest - 1)
        if most is not None:
            yield value[:1] * most, value[:1] * (most + 1)


def members(schema: Schema, root: Schema, value: Json) -> Iterator[tuple[dict[str, Json], str, Schema]]:
    """Every member of an instance and of the objects in it, with its schema."""
    schema = resolved(schema, root)
    if isinstance(value, list):
        for item in value[:1]:
            yield from members(cast("Schema", schema["items"]), root, item)
    elif isinstance(value, dict):
        for name, member in cast("Mapping[str, Schema]", schema.get("properties", {})).items():
            yield value, name, resolved(member, root)
            yield from members(member, root, value[name])


# --- the referee ------------------------------------------------------------------------------------------


@cache
def referee(dialect: str, name: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(cast("Schema", as_we_check(SCHEMAS[dialect, name])), validate_formats=False)


def as_we_check(value: Json) -> Json:
    """The schema with the known differences written into it."""
    if isinstance(value, list):
        return [as_we_check(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    schema = {name: as_we_check(inner) for name, inner in value.items() if name != "multipleOf"}
    if schema.get("type") == "integer":
        schema = {"minimum": -(2**63), "maximum": 2**63 - 1, **schema}
    return schema


def evened_out(value: Json) -> Json:
    """What is left to dispute when the known differences are gone."""
    if isinstance(value, dict):
        return {name: evened_out(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [evened_out(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def accepts(kind: type[Payload], value: Json) -> bool:
    try:
        decode(kind, json.dumps(value).encode())
    except PayloadInvalid:
        return False
    return True


@pytest.mark.parametrize(("dialect", "name"), [pytest.param(*key, id="-".join(key)) for key in SCHEMAS])
@settings(max_examples=EXAMPLES)
@given(random=st.randoms(use_true_random=True))
def test_agree_with_their_schemas(dialect: str, name: str, random: Random) -> None:
    kind, judge = struct_of(dialect, name), referee(dialect, name)
    instance = Author(SCHEMAS[dialect, name], random).write(SCHEMAS[dialect, name])
    assert judge.is_valid(evened_out(instance))
    written = json.loads(encode(decode(kind, json.dumps(instance).encode())))
    assert evened_out(written) == evened_out(instance)
    for _ in range(MUTANTS):
        changed = mutant(instance, random)
        # A null payload is read as an empty one.
        judged = evened_out({} if changed is None else changed)
        assert accepts(kind, changed) == judge.is_valid(judged), changed


@pytest.mark.parametrize("dialect", DIALECTS)
def test_draw_every_line_where_their_schemas_do(dialect: str) -> None:
    drawn = set()
    for name in (name for its_dialect, name in SCHEMAS if its_dialect == dialect):
        kind, judge, schema = struct_of(dialect, name), referee(dialect, name), SCHEMAS[dialect, name]
        instance = Author(schema, Random(name), generosity=1.0).write(schema)
        for container, member, its_schema in members(schema, schema, instance):
            # What is defined once for many messages is looked at once.
            line = (tuple(container), member, json.dumps(its_schema, sort_keys=True))
            if line in drawn:
                continue
            drawn.add(line)
            written = container[member]
            for within, beyond in limits(its_schema, written):
                container[member] = within
                assert judge.is_valid(evened_out(instance)), (name, member, within)
                assert accepts(kind, instance), (name, member, within)
                container[member] = beyond
                assert not judge.is_valid(evened_out(instance)), (name, member, beyond)
                assert not accepts(kind, instance), (name, member, beyond)
            container[member] = written
    assert len(drawn) > 100


@pytest.mark.parametrize("dialect", DIALECTS)
def test_have_a_request_and_a_response_for_every_action(dialect: str) -> None:
    names = {name for its_dialect, name in SCHEMAS if its_dialect == dialect}
    requests = {f"{action}Request" for action in table(dialect, "REQUESTS")}
    responses = {f"{action}Response" for action in table(dialect, "RESPONSES")}
    assert requests | responses == names
    assert {struct_of(dialect, name).__name__ for name in names} == names


def test_answer_all_requests_but_the_one_that_is_only_sent() -> None:
    unanswered = {dialect: set(table(dialect, "REQUESTS")) - set(table(dialect, "RESPONSES")) for dialect in DIALECTS}
    assert unanswered == {"v16": set(), "v201": set(), "v21": {"NotifyPeriodicEventStream"}}


@pytest.mark.parametrize(("dialect", "actions"), [("v16", 39), ("v201", 64), ("v21", 91)])
def test_know_every_action(dialect: str, actions: int) -> None:
    assert len(table(dialect, "REQUESTS")) == actions
