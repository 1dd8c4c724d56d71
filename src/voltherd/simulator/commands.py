"""What a station makes of a command: an outcome at once, and what it then does (1.6 §5, 2.0.1 B05–B12, F, G03–G04)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from voltherd.kernel.messages import message
from voltherd.simulator import orders, words
from voltherd.simulator.charging import Charging
from voltherd.simulator.evse import Evse
from voltherd.simulator.faults import Faults
from voltherd.simulator.host import Host, instant
from voltherd.simulator.orders import Command, Outcome, Requested, Result
from voltherd.simulator.words import Registration, StopReason

Effect: TypeAlias = Callable[[float], None]


class Obeying(Host, Protocol):
    """What commands need of their station."""

    charging: Charging
    faults: Faults

    @property
    def registration(self) -> Registration | None: ...

    def reset(self, reason: words.BootReason, now: float) -> None:
        """Shut down when all is said, and boot again."""

    def reset_when_idle(self) -> None: ...

    def settings_changed(self, names: frozenset[str], now: float) -> None: ...


@message
class Decision:
    """`before` happens ahead of the answer, `after` when it is on its way."""

    outcome: Outcome
    before: Effect | None = None
    after: Effect | None = None


def decide(station: Obeying, command: Command) -> Decision:
    match command:
        case orders.RemoteStart():
            return _remote_start(station, command)
        case orders.RemoteStop():
            return _remote_stop(station, command)
        case orders.Unlock():
            return _unlock(station, command)
        case orders.Reset():
            return _reset(station, command)
        case orders.ChangeAvailability():
            return _change_availability(station, command)
        case orders.GetSettings():
            names = command.names or station.settings.keys()
            return Decision(
                outcome=Outcome(result=Result.ACCEPTED, settings=tuple(station.settings.read(name) for name in names))
            )
        case orders.SetSettings():
            return _set_settings(station, command)
        case orders.TriggerMessage():
            return _trigger(station, command)
        case orders.ClearCache():
            return _answer(Result.ACCEPTED)
        case orders.DataTransfer():
            return _answer(Result.UNKNOWN_VENDOR)


def _answer(result: Result, after: Effect | None = None) -> Decision:
    return Decision(outcome=Outcome(result=result), after=after)


def _remote_start(station: Obeying, command: orders.RemoteStart) -> Decision:
    evse = station.charging.find_startable(command.evse_id)
    accepted = station.in_service and station.registration is Registration.ACCEPTED
    if evse is None or not accepted or station.faults.refuse_remote_start:
        return _answer(Result.REJECTED)
    return _answer(Result.ACCEPTED, lambda now: station.charging.remote_start(evse, command, now))


def _remote_stop(station: Obeying, command: orders.RemoteStop) -> Decision:
    evse = station.charging.find(command.transaction_id)
    if evse is None:
        return _answer(Result.REJECTED)
    return _answer(Result.ACCEPTED, lambda now: station.charging.stop(evse, StopReason.REMOTE, now))


def _unlock(station: Obeying, command: orders.Unlock) -> Decision:
    evse = station.charging.evses.get(command.evse_id)
    if evse is None:
        return _answer(Result.UNKNOWN_CONNECTOR)
    if evse.transaction is not None and not station.codec.unlocking_ends_transaction:
        return _answer(Result.ONGOING_TRANSACTION)
    return Decision(
        outcome=Outcome(result=Result.UNLOCKED),
        before=lambda now: station.charging.stop(evse, StopReason.UNLOCK_COMMAND, now),
    )


def _reset(station: Obeying, command: orders.Reset) -> Decision:
    if command.evse_id is not None:
        # Simulated EVSEs do not reset on their own: AllowReset is the station's.
        return _answer(Result.REJECTED)
    if command.how == "on_idle":
        if station.charging.idle:
            return _answer(Result.ACCEPTED, lambda now: station.reset("RemoteReset", now))
        return _answer(Result.SCHEDULED, lambda _: station.reset_when_idle())
    reason = StopReason.IMMEDIATE_RESET if command.how == "immediate" else StopReason.SOFT_RESET

    def end_and_reset(now: float) -> None:
        station.charging.stop_all(reason, now)
        station.reset("RemoteReset", now)

    return _answer(Result.ACCEPTED, end_and_reset)


def _change_availability(station: Obeying, command: orders.ChangeAvailability) -> Decision:
    evses = station.charging.evses
    if command.evse_id is not None and command.evse_id not in evses:
        return _answer(Result.REJECTED)
    chosen = list(evses.values()) if command.evse_id is None else [evses[command.evse_id]]
    # An EVSE with a transaction shows the change when that has ended.
    busy = not command.operative and any(evse.transaction is not None for evse in chosen)

    def change(now: float) -> None:
        for evse in chosen:
            evse.operative = command.operative
            if not command.operative:
                evse.permission = None
            station.charging.statuses.report(evse, now)
        if command.evse_id is None:
            station.charging.statuses.report_station(now)

    return _answer(Result.SCHEDULED if busy else Result.ACCEPTED, change)


def _set_settings(station: Obeying, command: orders.SetSettings) -> Decision:
    results = tuple(
        orders.SettingResult(name=name, result=station.settings.check(name, value)) for name, value in command.values
    )
    written = {
        name: value
        for (name, value), checked in zip(command.values, results, strict=True)
        if checked.result in (Result.ACCEPTED, Result.REBOOT_REQUIRED)
    }

    def write(now: float) -> None:
        for name, value in written.items():
            station.settings.write(name, value)
        station.settings_changed(frozenset(station.settings.key_of(name) for name in written), now)

    return Decision(outcome=Outcome(result=Result.ACCEPTED, settings=results), after=write if written else None)


def _trigger(station: Obeying, command: orders.TriggerMessage) -> Decision:
    evses = station.charging.evses
    if command.evse_id is not None and command.evse_id not in evses:
        return _answer(Result.REJECTED)
    chosen = list(evses.values()) if command.evse_id is None else [evses[command.evse_id]]
    match command.requested:
        case Requested.BOOT:
            if station.registration is Registration.ACCEPTED and not station.codec.boots_on_trigger:
                return _answer(Result.REJECTED)
            return _answer(Result.ACCEPTED, lambda _: station.tell(words.Boot(reason="Triggered"), solicited=True))
        case Requested.HEARTBEAT:
            return _answer(Result.ACCEPTED, lambda _: station.tell(words.Heartbeat(), solicited=True))
        case Requested.STATUS:
            if command.evse_id is None and not station.codec.station_has_status:
                return _answer(Result.REJECTED)
            return _answer(Result.ACCEPTED, lambda now: _statuses(station, command.evse_id, chosen, now))
        case Requested.METER_VALUES:
            return _answer(Result.ACCEPTED, lambda now: _meter_values(station, chosen, now))
        case Requested.TRANSACTION:
            return _answer(Result.ACCEPTED, lambda now: _transactions(station, chosen, now))
        case Requested.FIRMWARE:
            return _answer(Result.ACCEPTED, lambda _: station.tell(_NO_FIRMWARE, solicited=True))
        case Requested.DIAGNOSTICS | Requested.LOG:
            return _answer(Result.ACCEPTED, lambda _: station.tell(_NO_LOG, solicited=True))
        case Requested.OTHER:
            return _answer(Result.NOT_IMPLEMENTED)


_NO_FIRMWARE: Final = words.NothingToReport(about="firmware")
_NO_LOG: Final = words.NothingToReport(about="log")


def _statuses(station: Obeying, evse_id: int | None, chosen: list[Evse], now: float) -> None:
    if evse_id is None:
        station.charging.statuses.report_station(now, solicited=True)
    for evse in chosen:
        station.charging.statuses.report(evse, now, always=True, solicited=True)


def _meter_values(station: Obeying, chosen: list[Evse], now: float) -> None:
    for evse in chosen:
        if evse.transaction is not None and not station.codec.names_transactions:
            station.charging.update(evse, "Trigger", "Trigger", now)
        else:
            report = words.MeterReport(evse_id=evse.evse_id, at=instant(now), sample=evse.sample(now))
            station.tell(report, solicited=True)


def _transactions(station: Obeying, chosen: list[Evse], now: float) -> None:
    for evse in chosen:
        station.charging.update(evse, "Trigger", "Trigger", now)
