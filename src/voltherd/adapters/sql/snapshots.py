"""States kept beside history, so that a long stream is not folded from its beginning each time: JSON text and back.

A snapshot is worth nothing to other code than that which folded it: another might have come to another state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import bindparam, or_, select
from sqlalchemy.dialects.postgresql import insert

from voltherd.adapters.sql.tables import snapshots
from voltherd.kernel.catalog import Catalog

FIND = select(snapshots.c.version, snapshots.c.state).where(
    snapshots.c.stream == bindparam("of_stream"), snapshots.c.source == bindparam("of_source")
)

_new = insert(snapshots)
KEEP = _new.on_conflict_do_update(
    index_elements=[snapshots.c.stream],
    set_={name: _new.excluded[name] for name in ("version", "source", "state")},
    where=or_(snapshots.c.version < _new.excluded.version, snapshots.c.source != _new.excluded.source),
)
"""Insert the snapshot, or put it in the place of an older one; PostgreSQL's words are SQLite's, too."""

_MAPPING, _LIST = "{}", "[]"
_WRITE: Mapping[type, Callable[[Any], Any]] = {
    datetime: datetime.isoformat,
    timedelta: timedelta.total_seconds,
    Decimal: str,
}
_READ: Mapping[str, Callable[[Any], Any]] = {
    "datetime": datetime.fromisoformat,
    "timedelta": lambda seconds: timedelta(seconds=seconds),
    "Decimal": Decimal,
}


class Snapshots:
    """Writes and reads the states that the catalog's code comes to.

    An array is a tuple; all else that JSON does not know is an object with one member, named after its class.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._classes = catalog.classes
        self._names: dict[type, tuple[str, ...]] = {}

    def text(self, state: object) -> str:
        """Write a state.

        Raises:
            TypeError: there is something in it that cannot be written.
        """
        return msgspec.json.encode(self._plain(state)).decode()

    def state(self, text: str) -> Any:
        """Read a state.

        Raises:
            ValueError, LookupError, TypeError: it is none.
        """
        return self._alive(msgspec.json.decode(text))

    def _plain(self, value: Any) -> Any:
        if value is None or isinstance(value, str | int | float):
            return value
        kind = type(value)
        if kind is tuple:
            return [self._plain(one) for one in value]
        if kind is list:  # a station's answer has them, and a request that goes on keeps it
            return {_LIST: [self._plain(one) for one in value]}
        if isinstance(value, Mapping):
            return {_MAPPING: [(self._plain(key), self._plain(one)) for key, one in value.items()]}
        if kind in _WRITE:
            return {kind.__name__: _WRITE[kind](value)}
        if self._classes.get(kind.__name__) is not kind:
            raise TypeError(f"a {kind.__name__} cannot be kept")
        return {kind.__name__: [self._plain(getattr(value, name)) for name in self._fields(kind)]}

    def _alive(self, value: Any) -> Any:
        if isinstance(value, list):
            return tuple([self._alive(one) for one in value])
        if not isinstance(value, dict):
            return value
        ((name, content),) = value.items()
        if name == _MAPPING:
            return {self._alive(key): self._alive(one) for key, one in content}
        if name == _LIST:
            return [self._alive(one) for one in content]
        if name in _READ:
            return _READ[name](content)
        kind = self._classes[name]
        members = [self._alive(one) for one in content]
        return kind(**dict(zip(self._fields(kind), members, strict=True)))

    def _fields(self, kind: type) -> tuple[str, ...]:
        names = self._names.get(kind)
        if names is None:
            names = self._names[kind] = tuple(one.name for one in fields(kind))
        return names
