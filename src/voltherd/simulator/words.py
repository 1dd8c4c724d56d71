"""What a station says and is answered, in words of no version: 2.0.1's, where the versions differ."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum, auto
from typing import Literal, TypeAlias

from voltherd.kernel.messages import message
from voltherd.simulator.meter import Sample

IdTokenType: TypeAlias = Literal[
    "Central", "eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress", "NoAuthorization"
]
BootReason: TypeAlias = Literal["PowerUp", "RemoteReset", "ScheduledReset", "Triggered"]
Context: TypeAlias = Literal["Transaction.Begin", "Sample.Periodic", "Transaction.End", "Trigger"]
EventType: TypeAlias = Literal["Started", "Updated", "Ended"]
ChargingState: TypeAlias = Literal["Charging", "EVConnected", "SuspendedEV", "SuspendedEVSE", "Idle"]
Trigger: TypeAlias = Literal[
    "Authorized",
    "CablePluggedIn",
    "ChargingStateChanged",
    "Deauthorized",
    "EVCommunicationLost",
    "EnergyLimitReached",
    "MeterValuePeriodic",
    "RemoteStart",
    "RemoteStop",
    "ResetCommand",
    "StopAuthorized",
    "Trigger",
    "UnlockCommand",
]


class StopReason(StrEnum):
    DEAUTHORIZED = auto()
    EV_DISCONNECTED = auto()
    IMMEDIATE_RESET = auto()
    SOFT_RESET = auto()
    LOCAL = auto()
    REMOTE = auto()
    BATTERY_FULL = auto()
    UNLOCK_COMMAND = auto()


class Status(StrEnum):
    """What a connector shows: 1.6 has a word for each, 2.x tells the charging state elsewhere."""

    AVAILABLE = auto()
    PREPARING = auto()
    CHARGING = auto()
    SUSPENDED_EV = auto()
    FINISHING = auto()
    UNAVAILABLE = auto()


class Registration(StrEnum):
    ACCEPTED = "Accepted"
    PENDING = "Pending"
    REJECTED = "Rejected"


@message
class IdToken:
    value: str
    type: IdTokenType = "ISO14443"

    def same_as(self, other: IdToken) -> bool:
        """Compare as readers do: without regard to case (2.0.1 Part 2 §2.28, 1.6 §7.28)."""
        return self.value.casefold() == other.value.casefold()


class Transaction:
    """A transaction as the station knows it.

    1.6 learns the wire's id from the answer to its start, when messages that need it may be waiting already.
    """

    __slots__ = ("evse_id", "id_token", "remote_start_id", "seq_no", "started_at", "wire_id")

    def __init__(
        self,
        *,
        wire_id: str | None,
        evse_id: int,
        id_token: IdToken,
        remote_start_id: int | None,
        started_at: datetime,
    ) -> None:
        self.wire_id = wire_id
        self.evse_id = evse_id
        self.id_token = id_token
        self.remote_start_id = remote_start_id
        self.started_at = started_at
        self.seq_no = 0

    def next_seq_no(self) -> int:
        self.seq_no += 1
        return self.seq_no - 1


# What a station says of its own accord.


@message
class Boot:
    reason: BootReason


@message
class Heartbeat:
    pass


@message
class StatusChanged:
    """`evse_id` None is the whole station."""

    evse_id: int | None
    status: Status
    plugged_in: bool
    at: datetime


@message
class Authorize:
    """`remote_start_id` and `remote` are kept for what follows; the wire does not carry them here."""

    evse_id: int
    id_token: IdToken
    remote: bool = False
    remote_start_id: int | None = None


@message
class TransactionEvent:
    type: EventType
    transaction: Transaction
    seq_no: int
    at: datetime
    trigger: Trigger
    state: ChargingState
    sample: Sample
    context: Context
    id_token: IdToken | None = None
    stop_reason: StopReason | None = None


@message
class MeterReport:
    """Meter values outside any transaction."""

    evse_id: int
    at: datetime
    sample: Sample


@message
class NothingToReport:
    """The state of an update of the firmware, or of an upload of a log, that nobody asked for: idle."""

    about: Literal["firmware", "log"]


Message: TypeAlias = Boot | Heartbeat | StatusChanged | Authorize | TransactionEvent | MeterReport | NothingToReport


# What it is answered.


@message
class BootAnswer:
    registration: Registration
    interval_s: int


@message
class TokenAnswer:
    """`accepted` is None where the answer says nothing of a token; `transaction_id` only 1.6 gives."""

    accepted: bool | None = None
    transaction_id: str | None = None


@message
class Acknowledged:
    pass


Answer: TypeAlias = BootAnswer | TokenAnswer | Acknowledged
