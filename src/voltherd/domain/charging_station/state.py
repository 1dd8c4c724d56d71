"""What is true of one charging station, as far as decisions need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from voltherd.domain.charging_station.requests import Request
from voltherd.domain.connector import ConnectorStatus, Evse
from voltherd.domain.identification import Authorization
from voltherd.kernel.aggregate import Aggregate, States
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Command, Refusal, Report, message

EMPTY: Mapping[Any, Any] = MappingProxyType({})

SettingOutcome = Literal["pending", "unpushed", "accepted", "rejected", "rebootRequired", "notSupported"]


@message
class Start:
    """What makes two reports of a 1.6 start the same start (they may come with different message ids)."""

    evse_id: int | None
    id_token: str | None
    started_at: datetime
    meter_start_wh: int | None


@message
class End:
    """What makes two reports of an end the same end, where the station does not say of which transaction."""

    id_token: str | None
    ended_at: datetime
    meter_stop_wh: int | None


@message
class RunningTransaction:
    """A transaction that the station has told us of and not yet ended.

    `id_token` is None while nobody has presented one; it is `vouched` for if an operator's remote start asked for it.
    """

    transaction_id: str
    evse_id: int | None
    id_token: str | None
    opened_at: datetime
    remote_start_id: int | None = None
    vouched: bool = False


@message
class Setting:
    """A desired value and what became of it."""

    desired: str
    outcome: SettingOutcome = "pending"


@message
class ReportedStatus:
    """The newest status of a connector; `reported_at` is by the station's own clock, `received_at` by ours."""

    status: ConnectorStatus
    reported_at: datetime
    received_at: datetime
    detail: str | None = None
    error_code: str | None = None
    vendor_error_code: str | None = None
    info: str | None = None
    epoch: int | None = None


@message
class Password:
    """What a password is checked by: a salt and the digests of the spellings that it may come in."""

    salt: str
    digests: tuple[str, ...]


@message
class ChargingStation:
    """The state of the aggregate.

    `evses` is the configured topology; `statuses` is by (EVSE, connector), where EVSE 0 is the station itself.
    """

    known: bool = False
    accepted: bool = False
    protocol: str | None = None
    epoch: int | None = None
    last_epoch: int = 0
    booted_at: datetime | None = None
    booted_epoch: int | None = None
    boot_accepted: bool = False
    boot: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    evses: Mapping[int, Evse] = field(default_factory=lambda: EMPTY)
    statuses: Mapping[tuple[int, int], ReportedStatus] = field(default_factory=lambda: EMPTY)
    settings: Mapping[str, Setting] = field(default_factory=lambda: EMPTY)
    transactions: Mapping[str, RunningTransaction] = field(default_factory=lambda: EMPTY)
    ended_transactions: tuple[str, ...] = ()
    starts: Mapping[Start, str] = field(default_factory=lambda: EMPTY)
    ends: Mapping[End, str] = field(default_factory=lambda: EMPTY)
    password: Password | None = None
    authorizations: Mapping[str, Authorization] = field(default_factory=lambda: EMPTY)
    requests: Mapping[str, Request] = field(default_factory=lambda: EMPTY)
    handled: tuple[str, ...] = ()
    requests_taken: int = 0

    @property
    def online(self) -> bool:
        return self.epoch is not None

    @property
    def known_evses(self) -> tuple[int, ...]:
        """The EVSEs that were configured or that the station itself has spoken of."""
        return tuple(sorted({*self.evses, *(evse for evse, _ in self.statuses if evse)}))


@message
class StationReport(Report):
    """What a station itself says. Until it is accepted it may only say some of it (2.0.1 B02.FR.09, B03.FR.07)."""

    abstract: ClassVar[bool] = True
    heard_before_acceptance: ClassVar[bool] = False

    station: StationKey


class StationUnknown(Refusal):
    """No station of this id is registered."""

    code: ClassVar[str] = "station_unknown"
    kind: ClassVar[str] = "missing"


class StationNotAccepted(Refusal):
    """The station exists, but no operator has accepted it."""

    code: ClassVar[str] = "station_not_accepted"


class StationNotConfigured(Refusal):
    """The command names EVSEs, and nothing is known of the station's EVSEs."""

    code: ClassVar[str] = "station_not_configured"


class EvseUnknown(Refusal):
    """The station has no such EVSE."""

    code: ClassVar[str] = "evse_unknown"
    kind: ClassVar[str] = "missing"


def require_known(station: ChargingStation, key: StationKey) -> None:
    """Raise `StationUnknown` unless the station is registered."""
    if not station.known:
        raise StationUnknown(f"there is no charging station {key.station_id}")


def require_accepted(station: ChargingStation, key: StationKey) -> None:
    """Raise `StationUnknown` or `StationNotAccepted` unless the station may be commanded."""
    require_known(station, key)
    if not station.accepted:
        raise StationNotAccepted(f"charging station {key.station_id} is not accepted; Register accepts it")


def require_evse(station: ChargingStation, key: StationKey, evse_id: int, pointer: str) -> None:
    """Raise unless the EVSE is there; 0 (the whole station) always is.

    Raises:
        StationNotConfigured: nothing is known of any EVSE.
        EvseUnknown: others are known, this one is not.
    """
    if evse_id == 0:
        return
    known = station.known_evses
    if not known:
        raise StationNotConfigured(f"charging station {key.station_id} is not configured; Configure names its EVSEs")
    if evse_id not in known:
        names = ", ".join(str(known_id) for known_id in known)
        raise EvseUnknown(f"charging station {key.station_id} has no EVSE {evse_id}; it has {names}", pointer=pointer)


def _locate(command: Any, _states: States) -> StationKey | None:
    key: StationKey | None = command.station
    return key


charging_station = Aggregate("charging_station", ChargingStation(), _locate, StationKey.from_path)


@charging_station.admits
def admits(station: ChargingStation, command: Command) -> bool:
    """Hear of a station that is not accepted only its boot: it keeps the rest and tells it again."""
    if isinstance(command, StationReport) and not command.heard_before_acceptance:
        require_accepted(station, command.station)
    return True
