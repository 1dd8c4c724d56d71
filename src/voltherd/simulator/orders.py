"""What a station is asked to do, and how that goes, in words of no version."""

from __future__ import annotations

from enum import StrEnum, auto
from typing import Literal, TypeAlias

from voltherd.kernel.messages import message
from voltherd.simulator.words import IdToken


class Requested(StrEnum):
    """What can be asked for with a trigger."""

    BOOT = auto()
    HEARTBEAT = auto()
    STATUS = auto()
    METER_VALUES = auto()
    TRANSACTION = auto()
    FIRMWARE = auto()
    DIAGNOSTICS = auto()
    LOG = auto()
    OTHER = auto()


@message
class RemoteStart:
    id_token: IdToken
    evse_id: int | None
    remote_start_id: int | None


@message
class RemoteStop:
    transaction_id: str


@message
class Unlock:
    evse_id: int


@message
class Reset:
    how: Literal["immediate", "graceful", "on_idle"]
    evse_id: int | None = None


@message
class ChangeAvailability:
    """`evse_id` None is the whole station."""

    evse_id: int | None
    operative: bool


@message
class GetSettings:
    """By the version's own names; `()` asks for all that there are (1.6)."""

    names: tuple[str, ...]


@message
class SetSettings:
    values: tuple[tuple[str, str], ...]


@message
class TriggerMessage:
    requested: Requested
    evse_id: int | None


@message
class ClearCache:
    pass


@message
class DataTransfer:
    vendor_id: str


Command: TypeAlias = (
    RemoteStart
    | RemoteStop
    | Unlock
    | Reset
    | ChangeAvailability
    | GetSettings
    | SetSettings
    | TriggerMessage
    | ClearCache
    | DataTransfer
)


class Result(StrEnum):
    """How a command, or one item of it, went."""

    ACCEPTED = auto()
    REJECTED = auto()
    SCHEDULED = auto()
    REBOOT_REQUIRED = auto()
    NOT_IMPLEMENTED = auto()
    UNKNOWN = auto()
    UNKNOWN_COMPONENT = auto()
    UNLOCKED = auto()
    ONGOING_TRANSACTION = auto()
    UNKNOWN_CONNECTOR = auto()
    UNKNOWN_VENDOR = auto()


@message
class SettingResult:
    name: str
    result: Result
    value: str | None = None
    read_only: bool = False


@message
class Outcome:
    """What to answer to a command. `settings` are the items' results, in the order in which they were asked for."""

    result: Result
    transaction_id: str | None = None
    settings: tuple[SettingResult, ...] = ()
