"""What happens at the EVSEs of a station: vehicles come and go, drivers present cards, transactions start and end
(1.6 §4.8–4.10, 2.0.1 E01–E06, F01–F04).
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from voltherd.simulator.evse import Evse, Permission
from voltherd.simulator.host import Host, instant
from voltherd.simulator.orders import RemoteStart
from voltherd.simulator.settings import (
    AUTHORIZE_REMOTE,
    CONNECTION_TIMEOUT,
    OFFLINE_UNKNOWN_ID,
    SAMPLE_INTERVAL,
    STOP_ON_INVALID_ID,
)
from voltherd.simulator.statuses import Statuses
from voltherd.simulator.vehicle import Vehicle, arriving
from voltherd.simulator.words import (
    Authorize,
    Context,
    EventType,
    IdToken,
    Status,
    StopReason,
    TokenAnswer,
    Transaction,
    TransactionEvent,
    Trigger,
)

# How long a driver leaves a full vehicle before the transaction ends, in real seconds.
_FULL_FOR_S: Final = 5.0

_TRIGGERS: Final[dict[StopReason, Trigger]] = {
    StopReason.DEAUTHORIZED: "Deauthorized",
    StopReason.EV_DISCONNECTED: "EVCommunicationLost",
    StopReason.IMMEDIATE_RESET: "ResetCommand",
    StopReason.SOFT_RESET: "ResetCommand",
    StopReason.LOCAL: "StopAuthorized",
    StopReason.REMOTE: "RemoteStop",
    StopReason.BATTERY_FULL: "EnergyLimitReached",
    StopReason.UNLOCK_COMMAND: "UnlockCommand",
}


class Charging:
    def __init__(self, host: Host, evses: Sequence[Evse], chance: Random) -> None:
        self._host = host
        self._chance = chance
        self.evses = {evse.evse_id: evse for evse in evses}
        self.statuses = Statuses(host, evses)

    # What drivers do.

    def plug_in(self, evse_id: int, vehicle: Vehicle | None, now: float) -> None:
        evse = self.evses[evse_id]
        if evse.plugged_in:
            return
        evse.plug_in(vehicle or arriving(self._chance), now)
        self.statuses.report(evse, now)
        self._start_if_ready(evse, "CablePluggedIn", now)

    def unplug(self, evse_id: int, now: float) -> None:
        evse = self.evses[evse_id]
        if evse.transaction is not None:
            evse.advance(now)
            self.stop(evse, StopReason.EV_DISCONNECTED, now)
        evse.unplug(now)
        self.statuses.report(evse, now)

    def present(self, id_token: IdToken, evse_id: int, now: float) -> None:
        """A card at the reader: it stops its own transaction, or asks for one."""
        evse = self.evses[evse_id]
        if evse.transaction is not None:
            if evse.transaction.id_token.same_as(id_token):
                self.stop(evse, StopReason.LOCAL, now, id_token)
            return
        if not (self._host.in_service and evse.operative):
            return
        if self._host.reachable:
            self._host.tell(Authorize(evse_id=evse_id, id_token=id_token))
        elif self._host.settings.flag(OFFLINE_UNKNOWN_ID):
            self._permit(evse, Permission(id_token=id_token, remote=False), now)

    # What the central system says.

    def authorized(self, asked: Authorize, accepted: bool, now: float) -> None:
        evse = self.evses[asked.evse_id]
        if accepted and evse.transaction is None:
            permission = Permission(id_token=asked.id_token, remote=asked.remote, remote_start_id=asked.remote_start_id)
            self._permit(evse, permission, now)

    def remote_start(self, evse: Evse, command: RemoteStart, now: float) -> None:
        """Begin at once: a vehicle comes if there is none, or if the one that is there is full."""
        if evse.charge is None or evse.charge.full:
            evse.plug_in(arriving(self._chance), now)
            self.statuses.report(evse, now)
        if self._host.settings.flag(AUTHORIZE_REMOTE) and self._host.reachable:
            self._host.tell(
                Authorize(
                    evse_id=evse.evse_id,
                    id_token=command.id_token,
                    remote=True,
                    remote_start_id=command.remote_start_id,
                )
            )
            return
        permission = Permission(id_token=command.id_token, remote=True, remote_start_id=command.remote_start_id)
        self._permit(evse, permission, now)

    def answered(self, event: TransactionEvent, answer: TokenAnswer, now: float) -> None:
        if answer.transaction_id is not None:
            event.transaction.wire_id = answer.transaction_id
        evse = self.evses[event.transaction.evse_id]
        going_on = evse.transaction is event.transaction
        if going_on and answer.accepted is False and self._host.settings.flag(STOP_ON_INVALID_ID):
            self.stop(evse, StopReason.DEAUTHORIZED, now)

    def find(self, transaction_id: str) -> Evse | None:
        """The EVSE whose transaction goes on under this id of the wire."""
        for evse in self.evses.values():
            if evse.transaction is not None and evse.transaction.wire_id == transaction_id:
                return evse
        return None

    def find_startable(self, evse_id: int | None) -> Evse | None:
        """The EVSE asked for if a transaction could start there; if none was, the best: where a vehicle waits."""
        if evse_id is not None:
            evse = self.evses.get(evse_id)
            return evse if evse is not None and evse.operative and evse.transaction is None else None
        startable = [evse for evse in self.evses.values() if evse.operative and evse.transaction is None]
        preferred = (Status.PREPARING, Status.AVAILABLE, Status.FINISHING)
        return min(startable, key=lambda evse: preferred.index(evse.status), default=None)

    @property
    def idle(self) -> bool:
        return all(evse.transaction is None for evse in self.evses.values())

    # What follows.

    def stop(self, evse: Evse, reason: StopReason, now: float, id_token: IdToken | None = None) -> None:
        transaction = evse.transaction
        if transaction is None:
            return
        evse.advance(now)
        sample = evse.sample(now)
        evse.transaction = None
        evse.finished = True
        self._host.timers.cancel(("sample", evse.evse_id), ("full", evse.evse_id))
        gone = reason is StopReason.EV_DISCONNECTED
        self._host.tell(
            TransactionEvent(
                type="Ended",
                transaction=transaction,
                seq_no=transaction.next_seq_no(),
                at=instant(now),
                trigger=_TRIGGERS[reason],
                state="Idle" if gone else evse.state,
                sample=sample,
                context="Transaction.End",
                id_token=id_token,
                stop_reason=reason,
            ),
            durable=True,
        )
        self._host.statistics.transactions_ended += 1
        if not gone:
            self.statuses.report(evse, now)
        self._host.transaction_ended(now)

    def stop_all(self, reason: StopReason, now: float) -> None:
        for evse in self.evses.values():
            self.stop(evse, reason, now)

    def update(self, evse: Evse, trigger: Trigger, context: Context, now: float) -> None:
        """Tell how a transaction goes on."""
        if evse.transaction is not None:
            self._tell("Updated", evse.transaction, evse, trigger, context, now)

    def sampling_changed(self, now: float) -> None:
        """Sample at the new interval from now on, not only after the next sample."""
        for evse in self.evses.values():
            self._host.timers.cancel(("sample", evse.evse_id))
            if evse.transaction is not None:
                self._sample_later(evse, now)

    def _permit(self, evse: Evse, permission: Permission, now: float) -> None:
        evse.permission = permission
        if evse.plugged_in:
            self._start_if_ready(evse, "RemoteStart" if permission.remote else "Authorized", now)
            return
        self.statuses.report(evse, now)
        timeout_s = self._host.settings.number(CONNECTION_TIMEOUT)
        self._host.timers.set(("permission", evse.evse_id), now + timeout_s, lambda later: self._lapse(evse, later))

    def _lapse(self, evse: Evse, now: float) -> None:
        evse.permission = None
        self.statuses.report(evse, now)

    def _start_if_ready(self, evse: Evse, trigger: Trigger, now: float) -> None:
        permission = evse.permission
        ready = evse.plugged_in and evse.operative and evse.transaction is None and self._host.in_service
        if permission is None or not ready:
            return
        evse.advance(now)
        evse.permission = None
        evse.finished = False
        self._host.timers.cancel(("permission", evse.evse_id))
        transaction = Transaction(
            wire_id=self._host.new_id() if self._host.codec.names_transactions else None,
            evse_id=evse.evse_id,
            id_token=permission.id_token,
            remote_start_id=permission.remote_start_id,
            started_at=instant(now),
        )
        evse.transaction = transaction
        self._tell("Started", transaction, evse, trigger, "Transaction.Begin", now, permission.id_token)
        self._host.statistics.transactions_started += 1
        self.statuses.report(evse, now)
        self._sample_later(evse, now)
        self._full_later(evse, now)

    def _tell(
        self,
        event_type: EventType,
        transaction: Transaction,
        evse: Evse,
        trigger: Trigger,
        context: Context,
        now: float,
        id_token: IdToken | None = None,
    ) -> None:
        self._host.tell(
            TransactionEvent(
                type=event_type,
                transaction=transaction,
                seq_no=transaction.next_seq_no(),
                at=instant(now),
                trigger=trigger,
                state=evse.state,
                sample=evse.sample(now),
                context=context,
                id_token=id_token,
            ),
            durable=True,
        )

    def _sample_later(self, evse: Evse, now: float) -> None:
        interval_s = self._host.settings.number(SAMPLE_INTERVAL)
        if interval_s > 0:
            self._host.timers.set(
                ("sample", evse.evse_id), now + interval_s, lambda later: self._take_sample(evse, later)
            )

    def _take_sample(self, evse: Evse, now: float) -> None:
        self.update(evse, "MeterValuePeriodic", "Sample.Periodic", now)
        self._sample_later(evse, now)

    def _full_later(self, evse: Evse, now: float) -> None:
        self._host.timers.set(("full", evse.evse_id), evse.full_at(now), lambda later: self._become_full(evse, later))

    def _become_full(self, evse: Evse, now: float) -> None:
        evse.advance(now)
        evse.fill_up()
        self.update(evse, "ChargingStateChanged", "Sample.Periodic", now)
        self.statuses.report(evse, now)
        self._host.timers.set(
            ("full", evse.evse_id),
            now + _FULL_FOR_S,
            lambda later: self.stop(evse, StopReason.BATTERY_FULL, later),
        )
