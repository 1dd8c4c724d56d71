"""A simulated charging station without I/O: tell it the time and what happens, take the texts that it sends.

It boots until it is accepted, tells its statuses, sends heartbeats, charges vehicles, obeys commands, keeps what is
about transactions while there is no link, and has the faults that were asked for. Times are seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final
from uuid import uuid4

from voltherd.ocpp.rpc import AnswerReceived, CallReceived, Refused
from voltherd.simulator.answers import Answers
from voltherd.simulator.charging import Charging
from voltherd.simulator.codec import Codec
from voltherd.simulator.evse import Evse
from voltherd.simulator.faults import GARBAGE, NO_FAULTS, Faults
from voltherd.simulator.outbox import Outbox
from voltherd.simulator.settings import HEARTBEAT_INTERVAL, PASSWORD, SAMPLE_INTERVAL, Settings
from voltherd.simulator.state import EvseState, StationState, evse_state
from voltherd.simulator.statistics import Statistics
from voltherd.simulator.timers import Timers
from voltherd.simulator.vehicle import AC_22_KW, DC_150_KW, Outlet, Vehicle
from voltherd.simulator.words import (
    Answer,
    Authorize,
    Boot,
    BootAnswer,
    BootReason,
    Heartbeat,
    IdToken,
    Message,
    Registration,
    StatusChanged,
    TokenAnswer,
    TransactionEvent,
)

DEFAULT_OUTLETS: Final = (AC_22_KW, DC_150_KW)
# How long a station that is to reset waits for its last messages to be answered.
_GRACE_S: Final = 3.0
# How long a link stays down that a fault or a new password has cut.
_CUT_S: Final = 0.5
_LARGEST_REGISTER_WH: Final = 5_000_000


def _new_id() -> str:
    # Not from the seed: ids must not come again when the same station is simulated once more (2.0.1 E01.FR.08).
    return str(uuid4())


class Station:
    """Texts go to `receive` and come from `take_texts`; after anything that happens, `deadline` may have changed.

    `settings` are what the station leaves the factory with, by either version's names.
    """

    def __init__(
        self,
        station_id: str,
        codec: Codec,
        now: float,
        *,
        outlets: Sequence[Outlet] = DEFAULT_OUTLETS,
        seed: int | str | None = None,
        speed: float = 1.0,
        faults: Faults = NO_FAULTS,
        settings: Mapping[str, str] | None = None,
        statistics: Statistics | None = None,
        new_id: Callable[[], str] = _new_id,
        reboot_s: float = 2.0,
        boot_retry_s: float = 10.0,
        call_timeout_s: float = 30.0,
    ) -> None:
        self.station_id = station_id
        self.codec = codec
        self.faults = faults
        self.statistics = statistics if statistics is not None else Statistics()
        self.settings = Settings(station_id, outlets)
        for name, value in (settings or {}).items():
            self.settings.write(name, value)
        self.timers = Timers()
        self.new_id = new_id
        self._reboot_s = reboot_s
        self._boot_retry_s = boot_retry_s
        self._outbox = Outbox(codec, self.settings, self.statistics, new_id=new_id, timeout_s=call_timeout_s)
        chance = Random(station_id if seed is None else f"{seed}/{station_id}")
        evses = [
            Evse(evse_id, outlet, register_wh=chance.randrange(_LARGEST_REGISTER_WH), speed=speed, now=now)
            for evse_id, outlet in enumerate(outlets, start=1)
        ]
        self.charging = Charging(self, evses, chance)
        self._texts: list[str] = []
        self._registration: Registration | None = None
        self._boots = 0
        self._boot_reason: BootReason = "PowerUp"
        self._reset_scheduled = False
        self._shutting_down = False
        self._garbage_sent = 0
        self._answers = Answers(self)
        self._stay_down_s = 0.0
        # Whether the client is to keep a link, or find one.
        self.link_wanted = True

    # What happens: the link.

    def connected(self, now: float) -> None:
        self._outbox.link_up()
        self.statistics.connections += 1
        if self._registration is not Registration.ACCEPTED:
            self._boot(now)
        else:
            self.charging.statuses.report_all(now)
            self._heartbeat_later(now)
        if self.faults.drop_connection_every_s:
            self.timers.set("drop", now + self.faults.drop_connection_every_s, self.cut)
        if self.faults.garbage_every_s:
            self.timers.set("garbage", now + self.faults.garbage_every_s, self._talk_garbage)
        self.pump(now)

    def disconnected(self, now: float) -> None:
        if not self.online:
            return
        self.statistics.connections_lost += self.link_wanted
        self._texts.clear()
        for lost in self._outbox.link_down():
            if isinstance(lost, StatusChanged) and lost.evse_id is not None:
                self.charging.statuses.forget(lost.evse_id)
        self.timers.cancel("heartbeat", "boot", "drop", "garbage")
        self._answers.forget()
        if not self.link_wanted:
            # Not before: however late the client closes the link, it will have been down.
            self.timers.set("mend", now + self._stay_down_s, self._mend)

    def receive(self, text: str | bytes, now: float) -> None:
        for incoming in self._outbox.receive(text, now):
            match incoming:
                case CallReceived(call=call):
                    self._answers.called(call, now)
                case AnswerReceived():
                    self._settled(self._outbox.settle(incoming, now), now)
                case Refused(reply=str() as reply):
                    self.statistics.ignored += 1
                    self.emit(reply)
                case _:
                    self.statistics.ignored += 1
        self.pump(now)

    def cut(self, now: float, for_s: float = _CUT_S) -> None:
        """Lose the link, and find it again some time after it is gone."""
        self.link_wanted = False
        self._stay_down_s = for_s
        if not self.online:
            self.timers.set("mend", now + for_s, self._mend)

    # What happens: time, and people.

    def tick(self, now: float) -> None:
        self._settled(self._outbox.expire(now), now)
        self.timers.run(now)
        self.pump(now)

    def plug_in(self, evse_id: int, now: float, vehicle: Vehicle | None = None) -> None:
        """A vehicle comes; one drawn by the station's own chance if none is given."""
        self.charging.plug_in(evse_id, vehicle, now)
        self.pump(now)

    def unplug(self, evse_id: int, now: float) -> None:
        self.charging.unplug(evse_id, now)
        self.pump(now)

    def present(self, id_token: IdToken, evse_id: int, now: float) -> None:
        self.charging.present(id_token, evse_id, now)
        self.pump(now)

    # What comes of it.

    def take_texts(self) -> Sequence[str]:
        """Take what is to be sent, in order."""
        texts, self._texts = self._texts, []
        return texts

    def deadline(self) -> float | None:
        """When `tick` has something to do next."""
        deadlines = (self.timers.deadline(), self._outbox.deadline())
        return min((deadline for deadline in deadlines if deadline is not None), default=None)

    def state(self, now: float) -> StationState:
        return StationState(
            connected=self.online,
            registration=self._registration,
            boots=self._boots,
            waiting=len(self._outbox),
            evses={evse_id: self.evse_state(evse_id, now) for evse_id in self.charging.evses},
        )

    def evse_state(self, evse_id: int, now: float) -> EvseState:
        evse = self.charging.evses[evse_id]
        evse.advance(now)
        return evse_state(evse, self.codec)

    def password(self) -> bytes | None:
        """The password that was set over the wire, if one was."""
        setting = self.settings.text(PASSWORD)
        return self.codec.password(setting) if setting else None

    # What the parts of the station need of it.

    @property
    def online(self) -> bool:
        return self._outbox.online

    @property
    def reachable(self) -> bool:
        return self.online and self._registration is Registration.ACCEPTED

    @property
    def in_service(self) -> bool:
        return self._registration is Registration.ACCEPTED and not self._reset_scheduled and not self._shutting_down

    @property
    def registration(self) -> Registration | None:
        return self._registration

    def tell(self, message: Message, *, durable: bool = False, solicited: bool = False) -> None:
        self._outbox.put(message, durable=durable, solicited=solicited)

    def transaction_ended(self, now: float) -> None:
        if self._reset_scheduled and self.charging.idle:
            self.reset("ScheduledReset", now)

    def reset(self, reason: BootReason, now: float) -> None:
        self._boot_reason = reason
        self._shutting_down = True
        self.timers.set("power down", now + _GRACE_S, self._power_down)

    def reset_when_idle(self) -> None:
        self._reset_scheduled = True

    def settings_changed(self, names: frozenset[str], now: float) -> None:
        if HEARTBEAT_INTERVAL in names:
            self._heartbeat_later(now)
        if SAMPLE_INTERVAL in names:
            self.charging.sampling_changed(now)
        if PASSWORD in names:
            # The new one counts from the next connection on (2.0.1 A01.FR.04).
            self.cut(now)

    # Booting.

    def _boot(self, _: float) -> None:
        self.tell(Boot(reason=self._boot_reason))

    def _booted(self, answer: BootAnswer | None, now: float) -> None:
        if answer is None:
            self.timers.set("boot", now + self._boot_retry_s, self._boot)
            return
        again = self._registration is Registration.ACCEPTED
        self._registration = answer.registration
        if answer.registration is not Registration.ACCEPTED:
            self.timers.set("boot", now + (answer.interval_s or self._boot_retry_s), self._boot)
            return
        self.timers.cancel("boot")
        self._boots += 1
        if answer.interval_s > 0:
            self.settings.write(HEARTBEAT_INTERVAL, str(answer.interval_s))
        self._heartbeat_later(now)
        if not again:
            self.charging.statuses.forget()
            self.charging.statuses.report_station(now)
            self.charging.statuses.report_all(now)

    def _power_down(self, now: float) -> None:
        self.timers.cancel("power down", "heartbeat", "boot")
        self._shutting_down = False
        self._reset_scheduled = False
        self._registration = None
        self.cut(now, self._reboot_s)

    def _mend(self, now: float) -> None:
        self.link_wanted = True

    def _heartbeat_later(self, now: float) -> None:
        interval_s = self.settings.number(HEARTBEAT_INTERVAL)
        if interval_s > 0 and not self.faults.never_heartbeat:
            self.timers.set("heartbeat", now + interval_s, self._beat)
        else:
            self.timers.cancel("heartbeat")

    def _beat(self, now: float) -> None:
        self.tell(Heartbeat())
        self._heartbeat_later(now)

    # Speaking.

    def pump(self, now: float) -> None:
        """Send what may go next."""
        text = self._outbox.next_text(now, self._registration)
        if text is not None:
            self.emit(text)
        if self._shutting_down and not self._outbox.durables and self.link_wanted:
            self._power_down(now)

    def emit(self, text: str) -> None:
        """Send a text, faithfully or not."""
        self._texts.append(text)
        if self.faults.duplicate:
            self._texts.append(text)

    def _talk_garbage(self, now: float) -> None:
        self._texts.append(GARBAGE[self._garbage_sent % len(GARBAGE)])
        self._garbage_sent += 1
        self.timers.set("garbage", now + self.faults.garbage_every_s, self._talk_garbage)

    def _settled(self, settled: tuple[Message, Answer | None] | None, now: float) -> None:
        if settled is None:
            return
        message, answer = settled
        match message:
            case Boot():
                self._booted(answer if isinstance(answer, BootAnswer) else None, now)
            case Authorize():
                accepted = isinstance(answer, TokenAnswer) and answer.accepted is True
                self.charging.authorized(message, accepted, now)
            case TransactionEvent() if isinstance(answer, TokenAnswer):
                self.charging.answered(message, answer, now)
            case _:
                pass
