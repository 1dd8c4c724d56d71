"""Content's dataclasses as shapes of JSON: read with a word for every fault, described for the API's documentation.

Each dataclass becomes a pydantic model of camelCase members, those nested in it too; what was read comes out as the
dataclasses again. Members that are unknown, of another type or out of bounds are faults; nothing is guessed, except
that a whole number may be written as text (`EvseId` always might).
"""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Annotated, Any

from annotated_types import Ge, Le
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Strict,
    ValidationError,
    WithJsonSchema,
    create_model,
)
from pydantic import Field as Member
from pydantic.json_schema import models_json_schema
from pydantic_core import PydanticCustomError

from voltherd.api.naming import camel

Place = tuple[str | int, ...]

_PREFIX = "member_"  # a model's own attributes (`copy`, `model_…`) are names that content may use
_NAMED = re.compile(r"`([a-z]+(?:_[a-z0-9]+)+)`")
_WHOLE = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Misfit:
    """One thing that does not fit the shape. `missing` where a member is not there at all."""

    place: Place
    detail: str
    missing: bool = False


class NotOfShape(ValueError):
    """The value does not have the shape; all that is wrong with it."""

    def __init__(self, misfits: list[Misfit]) -> None:
        super().__init__("; ".join(misfit.detail for misfit in misfits))
        self.misfits = misfits


def read(cls: type, value: object, names: tuple[str, ...] | None = None) -> dict[str, Any]:
    """The members of a dataclass (`names`: of these only) as read from JSON.

    Raises:
        NotOfShape: with everything that is wrong.
    """
    shape = model(cls, names)
    try:
        found = shape.model_validate(value)
    except ValidationError as error:
        raise NotOfShape(_misfits(error, shape)) from error
    return _members(found)


def model(cls: type, names: tuple[str, ...] | None = None) -> type[BaseModel]:
    """The pydantic model of a dataclass, always the same one."""
    return _model(cls, names)


@cache
def _model(cls: type, names: tuple[str, ...] | None) -> type[BaseModel]:
    hints = typing.get_type_hints(cls, include_extras=True)
    members: dict[str, Any] = {
        _PREFIX + field.name: (_shape(hints[field.name]), _member(field))
        for field in dataclasses.fields(cls)
        if names is None or field.name in names
    }
    made: type[BaseModel] = create_model(
        cls.__name__,
        __config__=ConfigDict(extra="forbid", frozen=True, title=cls.__name__),
        __doc__=cls.__doc__,
        __module__=cls.__module__,
        **members,
    )
    return made


def schemas(shapes: Iterable[type[BaseModel]], template: str) -> tuple[dict[type[BaseModel], Any], dict[str, Any]]:
    """The JSON schemas of models: each one's reference, and the definitions that they refer to."""
    wanted = list(dict.fromkeys(shapes))
    references, document = models_json_schema([(shape, "validation") for shape in wanted], ref_template=template)
    definitions = {name: _told(definition) for name, definition in document.get("$defs", {}).items()}
    return {shape: references[shape, "validation"] for shape in wanted}, definitions


def in_words_of_json(text: str, names: Mapping[str, str] | None = None) -> str:
    """A docstring for readers outside: members that it names in backticks as JSON names them."""
    return _NAMED.sub(lambda found: f"`{(names or {}).get(found[1]) or camel(found[1])}`", text)


def _told(definition: dict[str, Any]) -> dict[str, Any]:
    # pydantic makes titles of aliases ("Evseid"): they tell nothing.
    properties = {
        name: {key: said for key, said in member.items() if key != "title"}
        for name, member in definition.get("properties", {}).items()
    }
    told = {**definition, "properties": properties} if properties else dict(definition)
    if "description" in told:
        told["description"] = in_words_of_json(told["description"])
    return told


def _member(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return Member(default_factory=field.default_factory, alias=camel(field.name))
    if field.default is not MISSING:
        return Member(default=field.default, alias=camel(field.name))
    return Member(alias=camel(field.name))


def _members(found: BaseModel) -> dict[str, Any]:
    return {name.removeprefix(_PREFIX): getattr(found, name) for name in type(found).model_fields}


def _shape(hint: Any) -> Any:
    """A type of content as pydantic shall read it from JSON."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        plain = _PLAIN.get(args[0])
        return Annotated[_shape(args[0]), *args[1:]] if plain is None else plain.bounded(*args[1:])
    if origin in (typing.Union, types.UnionType):
        return typing.Union[tuple(_shape(arg) for arg in args)]  # noqa: UP007 - made at run time
    if origin is typing.Literal:
        return hint
    if args:
        return origin[tuple(arg if arg is Ellipsis else _shape(arg) for arg in args)]
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        made = hint
        return Annotated[model(made), AfterValidator(lambda found: made(**_members(found)))]
    return _PLAIN[hint].bounded() if hint in _PLAIN else hint


def _whole(value: object) -> object:
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _instant(value: object) -> datetime:
    if not isinstance(value, str):
        raise PydanticCustomError("instant", "should be an instant as text, such as 2026-01-31T12:00:00Z")
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("instant", "should be an instant such as 2026-01-31T12:00:00Z") from None
    raise PydanticCustomError("instant", "should say its offset from UTC, such as the Z in 2026-01-31T12:00:00Z")


def _decimal(value: object) -> object:
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _seconds(value: object) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**9:
        raise PydanticCustomError("seconds", "should be a number of seconds")
    return timedelta(seconds=value)


@dataclass(frozen=True, slots=True)
class _Plain:
    """How a plain type is read: `inner` stands before a member's own bounds, so that these win; `outer` behind."""

    kind: Any
    inner: tuple[Any, ...] = ()
    outer: tuple[Any, ...] = ()

    def bounded(self, *bounds: Any) -> Any:
        return Annotated[self.kind, *self.inner, *bounds, *self.outer]


_PLAIN: Mapping[Any, _Plain] = {
    str: _Plain(str, (Strict(),)),
    bool: _Plain(bool, (Strict(),)),
    # OCPP's integers have 32 bits, and so have the columns that keep them; wider bounds may be annotated.
    int: _Plain(int, (Strict(), Ge(-(2**31)), Le(2**31 - 1)), (BeforeValidator(_whole),)),
    float: _Plain(float, (Strict(), Member(allow_inf_nan=False))),
    Decimal: _Plain(Decimal, (Member(allow_inf_nan=False),), (BeforeValidator(_decimal),)),
    datetime: _Plain(datetime, outer=(BeforeValidator(_instant),)),
    timedelta: _Plain(timedelta, outer=(BeforeValidator(_seconds), WithJsonSchema({"type": "number", "minimum": 0}))),
    object: _Plain(Any, (Strict(),)),
}


def _misfits(error: ValidationError, shape: type[BaseModel]) -> list[Misfit]:
    errors = error.errors(include_url=False, include_input=False)
    # Where items are wrong, pydantic adds that too few right ones are left: that would only confuse.
    wrong = {tuple(one["loc"])[:length] for one in errors for length in range(len(one["loc"]))}
    return [_misfit(one, shape) for one in errors if one["type"] != "too_short" or tuple(one["loc"]) not in wrong]


def _misfit(error: Any, shape: type[BaseModel]) -> Misfit:
    place: Place = tuple(error["loc"])
    match error["type"]:
        case "missing":
            return Misfit(place, "is required", missing=True)
        case "extra_forbidden":
            known = ", ".join(sorted(str(field.alias) for field in shape.model_fields.values()))
            among = f"; it has {known or 'none'}" if len(place) == 1 else ""
            return Misfit(place, f"{shape.__name__} has no such member{among}" if among else "there is no such member")
        case "model_type" | "model_attributes_type" | "dict_type" | "mapping_type":
            return Misfit(place, "should be an object")
        case "tuple_type" | "list_type":
            return Misfit(place, "should be a list")
        case "too_short":
            return Misfit(
                place, f"should have at least {error['ctx']['min_length']}, not {error['ctx']['actual_length']}"
            )
        case "too_long":
            return Misfit(place, f"should have at most {error['ctx']['max_length']}")
    text: str = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    # A bad key of a free-form object is told at the member itself.
    place = tuple(part for part in place if part != "[key]")
    return Misfit(place, text)
