"""The API's documents as light classes: the members that programs ask for, and `raw`, the document as it came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

D = TypeVar("D", bound="Document")
T = TypeVar("T")


class Document(msgspec.Struct, frozen=True, kw_only=True, rename="camel", repr_omit_defaults=True):
    """A JSON document. `raw` also holds what newer servers say and this client has no name for."""

    raw: Mapping[str, Any] = {}


class Connector(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A connector as configured and as reported."""

    connector_id: int
    connector_type: str | None = None
    max_amp: int | None = None
    phase: int | None = None
    voltage: int | None = None
    charging_protocol: str | None = None
    current: str | None = None
    configured: bool = False
    status: str | None = None
    status_detail: str | None = None
    error_code: str | None = None
    vendor_error_code: str | None = None
    info: str | None = None
    status_at: datetime | None = None


class Evse(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An EVSE with its connectors."""

    evse_id: int
    status: str | None = None
    connectors: Sequence[Connector] = ()


class Setting(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A setting: what is wished, what the station last said, what became of the wish."""

    desired: str | None = None
    reported: str | None = None
    outcome: str | None = None


class Station(Document, frozen=True, kw_only=True, rename="camel"):
    """A charging station."""

    id: str
    accepted: bool
    configured: bool
    online: bool
    protocol: str | None = None
    status: str | None = None
    availability: str | None = None
    evses: Sequence[Evse] = ()
    attributes: Mapping[str, Any] = {}
    settings: Mapping[str, Setting] = {}
    boot_reason: str | None = None
    created_at: datetime | None = None
    connected_at: datetime | None = None
    disconnected_at: datetime | None = None
    booted_at: datetime | None = None
    last_heard_at: datetime | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What came of a command: the station's own word and text for a no, and what a yes or the effect brought."""

    code: str | None = None
    detail: str | None = None
    result: Mapping[str, Any] | None = None


class Command(Document, frozen=True, kw_only=True, rename="camel"):
    """A command, how far it has come, and its outcome. It will not change any more when it is `final`."""

    command_id: str
    command: str
    station_id: str
    status: str
    final: bool = True
    payload: Mapping[str, Any] = {}
    station_online: bool | None = None
    issued_by: str | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    sent_at: datetime | None = None
    answered_at: datetime | None = None
    finished_at: datetime | None = None
    outcome: Outcome | None = None

    @property
    def completed(self) -> bool:
        """Whether the wished effect was seen."""
        return self.status == "completed"

    @property
    def result(self) -> Mapping[str, Any]:
        """What it brought: a transaction's id, say, or values."""
        return (self.outcome.result if self.outcome else None) or {}


class Transaction(Document, frozen=True, kw_only=True, rename="camel"):
    """A transaction. `id` is ours, `transaction_id` the one on the wire; energies are in Wh."""

    id: str
    transaction_id: str
    station_id: str
    status: str
    evse_id: int | None = None
    connector_id: int | None = None
    id_token: str | None = None
    id_token_type: str | None = None
    authorization: str | None = None
    charging_state: str | None = None
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    meter_start_wh: float | None = None
    meter_stop_wh: float | None = None
    energy_wh: float | None = None
    last_meter_at: datetime | None = None
    trigger: str | None = None
    stop_reason: str | None = None
    incomplete: bool = False
    remote_start_command_id: str | None = None
    reservation_id: int | None = None


class Sample(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One value in its base unit."""

    measurand: str
    value: float | None = None
    unit: str | None = None
    phase: str | None = None
    context: str | None = None
    location: str | None = None
    signed: str | None = None


class MeterValue(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Values taken at one instant."""

    taken_at: datetime
    sampled: Sequence[Sample] = ()


class MeterReport(Document, frozen=True, kw_only=True, rename="camel"):
    """What one message of a station brought."""

    station_id: str
    reported_at: datetime
    transaction: str | None = None
    evse_id: int | None = None
    seq_no: int | None = None
    trigger: str | None = None
    offline: bool = False
    meter_values: Sequence[MeterValue] = ()


class IdToken(Document, frozen=True, kw_only=True, rename="camel"):
    """An id token as administered; `effective_status` is what a station would be told now."""

    id_token: str
    type: str
    status: str
    effective_status: str | None = None
    group_id_token: str | None = None
    expires_at: datetime | None = None
    max_active_transactions: int | None = None
    note: str | None = None
    changed_at: datetime | None = None


class Event(Document, frozen=True, kw_only=True, rename="camel"):
    """A fact of history; `position` is where to go on after it, `data` what the fact says."""

    position: int
    type: str
    at: datetime
    by: str | None = None
    operator: str | None = None
    station_id: str | None = None
    stream: str | None = None
    data: Mapping[str, Any] = {}


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """Some elements of a list; `next` is where the others are. It is itself iterable.

    The whole list has `total`, which is None where it is long; `total_at_least` is how far it was counted.
    A page may be empty while there are others.
    """

    elements: Sequence[T]
    kind: type[T]
    total: int | None
    total_at_least: int
    next: str | None = None
    raw: Mapping[str, Any] = {}

    def __iter__(self) -> Iterator[T]:
        return iter(self.elements)

    def __len__(self) -> int:
        return len(self.elements)


def as_document(kind: type[D], data: Any) -> D:
    """Make a document of decoded JSON.

    Raises:
        msgspec.ValidationError: it is no such document.
    """
    return msgspec.convert({**data, "raw": data}, kind)
