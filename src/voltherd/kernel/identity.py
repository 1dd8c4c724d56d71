"""Who is who: every identity begins with the operator, so two operators' stations never meet."""

from __future__ import annotations

import re
import uuid
from functools import lru_cache
from typing import Protocol

from voltherd.kernel.messages import message

DEFAULT_OPERATOR = "default"

# 2.0.1 §6 "identifierString" with its length of 48; ':' cannot be part of it because HTTP Basic splits there.
_STATION_ID = re.compile(r"[A-Za-z0-9*\-_=+@.|]{1,48}")
_OPERATOR_ID = re.compile(r"[a-z0-9][a-z0-9\-]{0,47}")
_TRANSACTION_NAMESPACE = uuid.UUID("5e0c1f0a-7d0b-5d63-9a50-0d3f3c9b7a11")


class Key(Protocol):
    """What identifies one instance of an aggregate."""

    @property
    def operator(self) -> str: ...

    @property
    def path(self) -> str:
        """The part of the stream's name behind the category: `operator/id`."""


@message
class StationKey:
    """A charging station in the network of an operator."""

    operator: str
    station_id: str

    @property
    def path(self) -> str:
        return f"{self.operator}/{self.station_id}"

    @classmethod
    def from_path(cls, path: str) -> StationKey:
        operator, station_id = path.split("/", 1)
        return cls(operator=operator, station_id=station_id)


@message
class TransactionKey:
    """A transaction by the id that it has on the wire: the station's text (2.x) or our number as text (1.6)."""

    operator: str
    station_id: str
    transaction_id: str

    @property
    def path(self) -> str:
        return f"{self.operator}/{self.station_id}/{self.transaction_id}"

    @classmethod
    def from_path(cls, path: str) -> TransactionKey:
        operator, station_id, transaction_id = path.split("/", 2)
        return cls(operator=operator, station_id=station_id, transaction_id=transaction_id)

    @property
    def uuid(self) -> str:
        """Our own id of the transaction; derived, so that it needs no table."""
        return _uuid_of(self.path)


@message
class IdTokenKey:
    """An id token; 1.6 compares them case-insensitively, so the key is the folded text."""

    operator: str
    id_token: str

    @property
    def path(self) -> str:
        return f"{self.operator}/{self.id_token}"

    @classmethod
    def from_path(cls, path: str) -> IdTokenKey:
        operator, id_token = path.split("/", 1)
        return cls(operator=operator, id_token=id_token)

    @classmethod
    def of(cls, operator: str, id_token: str) -> IdTokenKey:
        """Fold the text as stations and operators write it."""
        return cls(operator=operator, id_token=id_token.strip().casefold())


@lru_cache(maxsize=65_536)  # every message about a transaction asks, and hashing it costs more than most answers
def _uuid_of(path: str) -> str:
    return str(uuid.uuid5(_TRANSACTION_NAMESPACE, path))


def is_station_id(text: str) -> bool:
    """Tell whether the text may name a station (1 to 48 characters, none of them `:` or `/`)."""
    return _STATION_ID.fullmatch(text) is not None


def is_operator_id(text: str) -> bool:
    """Tell whether the text may name an operator (lower case letters, digits and `-`)."""
    return _OPERATOR_ID.fullmatch(text) is not None
