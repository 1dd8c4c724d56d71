"""What OpenAPI says of the operations: parameters, bodies, answers, problems. Shapes stand as `Ref`s until the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from voltherd.api import shapes
from voltherd.api.filters import parameters_of
from voltherd.api.reading import JSON_TYPE, VENDOR_TYPE
from voltherd.api.settings import ApiSettings
from voltherd.kernel.catalog import Catalog
from voltherd.kernel.readmodel import Resource, Writing

Json = Mapping[str, Any]

PROBLEMS = {
    400: "The body cannot be read; `line` and `column` say where.",
    401: "No key, or an unknown one.",
    403: "The caller may not do this.",
    404: "There is no such thing.",
    409: "The present state does not allow it; `code` says why.",
    413: "The body is too large.",
    415: "The body is of an unknown media type.",
    422: "The request does not fit; `errors` point to what is wrong.",
    503: "The database cannot be reached; nothing has happened.",
}

_READING = (401, 403, 422, 503)
_WRITING = (400, 401, 403, 409, 413, 415, 422, 503)


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands for the schema of a shape until all shapes are known."""

    shape: type[BaseModel]


def problem(code: int) -> Json:
    """A problem as one of an operation's responses."""
    return {"$ref": f"#/components/responses/Problem{code}"}


def responses(*answers: tuple[int, Json], problems: Sequence[int]) -> Json:
    """An operation's responses by status code."""
    return {str(code): said for code, said in sorted([*answers, *((code, problem(code)) for code in problems)])}


def content(schema: Any, description: str, headers: Json | None = None) -> Json:
    """A response of JSON, in either media type."""
    said: dict[str, Any] = {"description": description}
    if headers:
        said["headers"] = headers
    return {**said, "content": {JSON_TYPE: {"schema": schema}, VENDOR_TYPE: {"schema": schema}}}


def body(schema: Any, examples: Json | None = None) -> Json:
    """A request's body of JSON, in either media type."""
    media: dict[str, Any] = {"schema": schema}
    if examples:
        media["examples"] = examples
    return {"required": True, "content": {JSON_TYPE: media, VENDOR_TYPE: media}}


def header(description: str) -> Json:
    return {"description": description, "schema": {"type": "string"}}


def parameter(name: str, place: str, description: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": place, "description": description, "schema": schema, "required": required}


def _document(resource: Resource) -> Ref:
    return Ref(shapes.model(resource.shape))


def _tag(resource: Resource) -> Sequence[str]:
    return [resource.path.split("/")[1]]


def listing(resource: Resource, path: str, settings: ApiSettings, *, below: bool) -> Json:
    reach = settings.reach
    link = {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Link"}]}
    envelope = {
        "type": "object",
        "required": ["elements", "total", "totalAtLeast", "href", "first", "last", "next", "previous"],
        "properties": {
            "elements": {"type": "array", "items": _document(resource)},
            "total": {
                "type": ["integer", "null"],
                "minimum": 0,
                "description": f"rows of the whole list; null where it has, or must be searched in, more than {reach}",
            },
            "totalAtLeast": {"type": "integer", "minimum": 0, "description": "the same, or as far as it was counted"},
            "href": {"type": "string"},
            **dict.fromkeys(("first", "last", "next", "previous"), link),
        },
    }
    problems = (*_READING, 404) if "{" in path else _READING
    about = (
        f"A page that looked through {reach} rows ends there: it may have fewer than `limit`, even none, while `next` "
        "leads on. The list ends where `next` is null."
    )
    return {
        "tags": ["charging-stations"] if below else _tag(resource),
        "summary": resource.summary + (" of a station" if below else ""),
        "description": about,
        "parameters": parameters_of(resource, settings),
        "responses": responses((200, content(envelope, "A page of the list.")), problems=problems),
    }


def item(resource: Resource, *, waits: bool, longest: int) -> Json:
    return {
        "tags": _tag(resource),
        "summary": f"{resource.summary}: one of them",
        "parameters": [prefer(longest)] if waits else [],
        "responses": responses((200, content(_document(resource), "The item.")), problems=(*_READING, 404)),
    }


def prefer(longest: int) -> Json:
    """The header of those who wait."""
    told = f"`wait=20`: answer when the outcome is known or 20 seconds are over (at most {longest})"
    return parameter("Prefer", "header", told, {"type": "string", "pattern": r"^wait=[0-9]{1,3}$"})


def create(resource: Resource, writing: Writing) -> Json:
    created = content(_document(resource), "It was created.", {"Location": header("where it is")})
    return {
        "tags": _tag(resource),
        "summary": f"{resource.summary}: create one",
        **_body(writing),
        "responses": responses((201, created), problems=_WRITING),
    }


def replace(resource: Resource, writing: Writing) -> Json:
    answers = ((200, content(_document(resource), "As it is now.")), (201, content(_document(resource), "Created.")))
    return {
        "tags": _tag(resource),
        "summary": f"{resource.summary}: replace one",
        **_body(writing),
        "responses": responses(*answers, problems=(*_WRITING, 404)),
    }


def delete(resource: Resource) -> Json:
    answers = (
        (200, content(_document(resource), "It has ended, and is shown as it is now.")),
        (204, {"description": "It is gone."}),
    )
    return {
        "tags": _tag(resource),
        "summary": f"{resource.summary}: delete or cancel one",
        "responses": responses(*answers, problems=(*_READING, 404, 409)),
    }


def action(resource: Resource, name: str, writing: Writing) -> Json:
    answers = ((200, content(_document(resource), "As it is now.")), (204, {"description": "It is gone."}))
    return {
        "tags": _tag(resource),
        "summary": f"{resource.summary}: {name} one",
        **_body(writing),
        "responses": responses(*answers, problems=(*_WRITING, 404)),
    }


def _body(writing: Writing) -> Json:
    return {} if writing.body is None else {"requestBody": body(Ref(shapes.model(writing.body)))}


def events(catalog: Catalog) -> Json:
    after = {"type": "string", "pattern": "^[0-9]{1,18}$"}
    return {
        "tags": ["events"],
        "summary": "The live stream of events (Server-Sent Events)",
        "description": "Each message has `id` (the position), `event` (the type) and `data` (an `EventMessage`). "
        "Without a position the stream begins with what happens next; 0 is the beginning of history.",
        "parameters": [
            parameter("after", "query", "the position to continue behind", after),
            parameter("Last-Event-ID", "header", "the same; it goes before `after`", after),
            parameter(
                "type", "query", "only these types", {"type": "array", "items": {"enum": sorted(catalog.events)}}
            ),
            parameter("stationId", "query", "only these stations", {"type": "array", "items": {"type": "string"}}),
        ],
        "responses": responses(
            (
                200,
                {
                    "description": "The stream.",
                    "content": {"text/event-stream": {"schema": {"type": "string"}}},
                },
            ),
            problems=_READING,
        ),
    }
