"""The OpenAPI document: every operation, and every command of the catalog with the shape of its payload."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any

from pydantic import BaseModel

from voltherd.api import describe, shapes
from voltherd.api.describe import Ref
from voltherd.api.door import Operation
from voltherd.api.naming import camel
from voltherd.api.orders import members_as_sent, own_members
from voltherd.api.settings import ApiSettings
from voltherd.kernel.catalog import Catalog
from voltherd.kernel.messages import OperatorCommand

Json = Mapping[str, Any]

_TEMPLATE = "#/components/schemas/{model}"
_HOLE = re.compile(r"\{([A-Za-z]+)\}")
_STATION_ID = {"type": "string", "minLength": 1, "maxLength": 48, "pattern": r"^[A-Za-z0-9*\-_=+@.|]{1,48}$"}
_ENVELOPE = (
    '`["Name", {…}]`, with `{"expiresIn": seconds}` as a third element if wished; or '
    '`{"command": "Name", "payload": {…}, "expiresIn": seconds}`.\n\nIts pointers in `errors` are into the payload. '
    "Single quotes and bare words, as older clients send them, are read too."
)


def command_operation(catalog: Catalog, settings: ApiSettings, *, legacy: bool) -> Json:
    """The description of `POST …/commands`."""
    schema = {"oneOf": [{"$ref": _TEMPLATE.format(model=f"{name}Envelope")} for name in sorted(catalog.commands)]}
    accepted = describe.content(
        {"$ref": "#/components/schemas/CommandDocument"},
        "The command was taken; its resource tells what becomes of it.",
        {"Location": describe.header("the command's resource"), "Preference-Applied": describe.header("`wait=…`")},
    )
    return {
        "tags": ["commands"],
        "summary": "Send a command" + (" (the older path)" if legacy else ""),
        "description": _ENVELOPE,
        **({"deprecated": True} if legacy else {}),
        "parameters": [
            describe.prefer(settings.longest_wait),
            describe.parameter(
                "Idempotency-Key",
                "header",
                "the same key and body again give the same command",
                {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"},
            ),
        ],
        "requestBody": describe.body(schema, examples(catalog)),
        "responses": describe.responses((202, accepted), problems=(400, 401, 403, 404, 409, 413, 415, 422, 503)),
    }


def examples(catalog: Catalog) -> Json:
    """Bodies to begin with, of those commands that the catalog has."""
    text = resources.files(__package__).joinpath("examples.json").read_text(encoding="utf-8")
    return {
        title: {"summary": title, "value": envelope}
        for title, envelope in json.loads(text).items()
        if envelope[0] in catalog.names
    }


def document(catalog: Catalog, settings: ApiSettings, operations: Sequence[Operation], *, protected: bool) -> Json:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        about = {"operationId": _operation_id(operation), **operation.about}
        about["parameters"] = [*_path_parameters(operation.path), *about.get("parameters", ())]
        paths.setdefault(operation.path, {})[operation.method.lower()] = about
    envelopes = {f"{name}Envelope": _envelope(kind, settings) for name, kind in sorted(catalog.commands.items())}
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Voltherd: the operators' API",
            "version": settings.version,
            "description": "Run a network of charging stations: commands to stations, and what is known of them.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {**paths, **_machine_paths()},
        "components": {
            "schemas": {**envelopes, **_SCHEMAS},
            "responses": {
                f"Problem{code}": {
                    "description": said,
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
                for code, said in describe.PROBLEMS.items()
            },
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }
    if protected:
        whole["security"] = [{"bearer": []}, {"key": []}]
    return _with_schemas(whole, catalog)


def _with_schemas(whole: dict[str, Any], catalog: Catalog) -> Json:
    found = list(dict.fromkeys(_shapes_in(whole)))
    references, definitions = shapes.schemas(found, _TEMPLATE)
    resolved: dict[str, Any] = _resolved(whole, references)
    for name, definition in definitions.items():
        kind = catalog.commands.get(name)
        shown = definition if kind is None else _with_synonyms(kind, definition)
        resolved["components"]["schemas"].setdefault(name, shown)
    return resolved


def _shapes_in(value: Any) -> Iterable[type[BaseModel]]:
    match value:
        case Ref(shape=shape):
            yield shape
        case Mapping():
            for member in value.values():
                yield from _shapes_in(member)
        case list() | tuple():
            for one in value:
                yield from _shapes_in(one)


def _resolved(value: Any, references: Mapping[type[BaseModel], Json]) -> Any:
    match value:
        case Ref(shape=shape):
            return references[shape]
        case Mapping():
            return {name: _resolved(member, references) for name, member in value.items()}
        case list() | tuple():
            return [_resolved(one, references) for one in value]
    return value


def payload_shape(kind: type[OperatorCommand]) -> type[BaseModel]:
    """The model that a command's payload is read by."""
    return shapes.model(kind, own_members(kind))


def _envelope(kind: type[OperatorCommand], settings: ApiSettings) -> Json:
    name = {"enum": [kind.__name__, *kind.aliases], "type": "string"}
    payload = Ref(payload_shape(kind))
    expires_in = {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": settings.longest_expires_in,
        "description": "seconds until a command that was not sent yet is given up",
    }
    third = {
        "oneOf": [
            expires_in,
            {"type": "object", "properties": {"expiresIn": expires_in}, "additionalProperties": False},
        ]
    }
    needed = any(field.is_required() for field in payload.shape.model_fields.values())
    array = {
        "type": "array",
        "prefixItems": [name, payload, third],
        "items": False,
        "minItems": 2 if needed else 1,
        "maxItems": 3,
    }
    members = {
        "type": "object",
        "properties": {"command": name, "payload": payload, "expiresIn": expires_in},
        "required": ["command", "payload"] if needed else ["command"],
        "additionalProperties": False,
    }
    told = shapes.in_words_of_json(inspect.getdoc(kind) or "", _names(kind))
    return {"title": kind.__name__, "description": told, "oneOf": [array, members]}


def _names(kind: type[OperatorCommand]) -> Mapping[str, str]:
    return {member: names[0] for member, names in members_as_sent(kind).items()}


def _with_synonyms(kind: type[OperatorCommand], definition: Json) -> Json:
    """The payload's schema with all the names that its members may have."""
    shown = {**definition, "description": shapes.in_words_of_json(inspect.getdoc(kind) or "", _names(kind))}
    properties = dict(definition.get("properties", {}))
    required = list(definition.get("required", ()))
    choices = []
    described: dict[str, Any] = {}
    for member, names in members_as_sent(kind).items():
        first, *others = names
        schema = properties[camel(member)]
        described[first] = schema
        for other in others:
            described[other] = {**schema, "description": f"the same as `{first}`"}
        if len(others) + 1 > 1 or first != camel(member):
            if camel(member) in required:
                required.remove(camel(member))
                choices.append([{"required": [name]} for name in names])
            if others:
                shown.setdefault("allOf", []).append({"not": {"required": list(names)}})
    shown["properties"] = described
    shown.pop("required", None)
    if required:
        shown["required"] = required
    if choices:
        shown.setdefault("allOf", []).extend({"anyOf": choice} for choice in choices)
    return shown


def _operation_id(operation: Operation) -> str:
    words = re.sub(r"[^A-Za-z]+", "_", operation.path).strip("_")
    return f"{operation.method.lower()}_{words}"


def _path_parameters(path: str) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _STATION_ID if name == "stationId" else {"type": "string", "minLength": 1, "maxLength": 255},
        }
        for name in _HOLE.findall(path)
    ]


def _machine_paths() -> Json:
    def get(summary: str, media: str, codes: Iterable[int], **more: Any) -> Json:
        schema = {"type": "object"} if media == "application/json" else {"type": "string"}
        said = {str(code): {"description": summary, "content": {media: {"schema": schema}}} for code in codes}
        return {"get": {"tags": ["machine"], "summary": summary, "responses": {**said, **more}, "security": []}}

    json_type = "application/json"
    return {
        "/livez": get("Is it alive?", json_type, [200]),
        "/readyz": get("Can it serve? With each check.", json_type, [200, 503]),
        "/version": get("Which software is this?", json_type, [200]),
        "/metrics": get("Counts for Prometheus", "text/plain", [200], **{"401": describe.problem(401)}),
    }


_SCHEMAS: Json = {
    "Link": {"type": "object", "required": ["href"], "properties": {"href": {"type": "string"}}},
    "EventMessage": {
        "type": "object",
        "required": ["position", "type", "operator", "stationId", "stream", "at", "by", "data"],
        "properties": {
            "position": {"type": "integer"},
            "type": {"type": "string"},
            "operator": {"type": "string"},
            "stationId": {"type": ["string", "null"]},
            "stream": {"type": "string"},
            "at": {"type": "string", "format": "date-time"},
            "by": {"type": "string"},
            "data": {"type": "object", "description": "the event's own members"},
        },
    },
    "Problem": {
        "type": "object",
        "description": "RFC 9457 problem details.",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string", "description": "stable; for programs"},
            "detail": {"type": "string", "description": "for people"},
            "instance": {"type": "string"},
            "requestId": {"type": ["string", "null"]},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "detail"],
                    "properties": {
                        "pointer": {"type": "string", "description": "a JSON pointer (RFC 6901), or ?parameter"},
                        "detail": {"type": "string"},
                    },
                },
            },
        },
    },
}
