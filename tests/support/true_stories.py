"""True stories of transactions, by chance: what was charged, and the messages in which a station would tell it.

A story knows the truth (`energy_wh`); its messages are what the station sends if nothing goes wrong. What goes wrong
is the tests' affair: they drop, repeat and shuffle the messages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

TRUE = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEVER_SET = datetime(1970, 1, 1, tzinfo=UTC)
RESET_TO = (NEVER_SET, datetime(2000, 1, 1, tzinfo=UTC), datetime(2106, 2, 7, 6, 20, tzinfo=UTC))

Payload = dict[str, Any]


@dataclass(frozen=True)
class Clock:
    """A station's clock: what it shows when the story began, from which message on it shows otherwise, and how."""

    began: datetime = TRUE
    jumps_at: int | None = None
    jumps_to: datetime = TRUE
    stands: bool = False
    zone: str = "Z"

    def at(self, step: int, minutes: int) -> str:
        began = self.jumps_to if self.jumps_at is not None and step >= self.jumps_at else self.began
        shown = began if self.stands else began + timedelta(minutes=minutes)
        return shown.strftime("%Y-%m-%dT%H:%M:%S") + self.zone

    @property
    def goes_forward(self) -> bool:
        return not self.stands and (self.jumps_at is None or self.jumps_to >= self.began)


@dataclass(frozen=True)
class Story:
    """One transaction as it truly was. `readings` are the register's (Wh), at the start, in between, and at the end.

    `form` is how the station writes a reading; `numbering` how it numbers its messages (2.x); `names` whether it names
    the transaction by our number (1.6); `keeps_data` whether its end repeats all samples.
    """

    name: str
    readings: tuple[int, ...]
    evse_id: int = 1
    token: str = "CARD"
    ended_by: str | None = None
    clock: Clock = Clock()
    begins_minutes: int = 0
    form: str = "Wh"
    numbering: str = "from 0"
    names: str = "number"
    keeps_data: bool = False
    begin_later: bool = False

    @property
    def energy_wh(self) -> int:
        """What was charged: a register that falls was reset to zero in between, or to less."""
        return sum(max(later - earlier, 0) for earlier, later in pairwise(self.readings))

    @property
    def so_far(self) -> set[int]:
        """Every energy that was once true."""
        return {sum(max(b - a, 0) for a, b in pairwise(self.readings[:n])) for n in range(1, len(self.readings) + 1)}

    def at(self, step: int) -> str:
        return self.clock.at(step, self.begins_minutes + step)


@dataclass(frozen=True)
class Message:
    """One call of a story. `write` makes its payload, given our number for the transaction (1.6: None if unknown)."""

    story: Story
    step: int
    action: str
    write: Callable[[int | None], Payload]

    @property
    def starts(self) -> bool:
        return self.step == 0

    @property
    def ends(self) -> bool:
        return self.step == len(self.story.readings) - 1

    def __repr__(self) -> str:
        return f"{self.story.name}.{self.step}"


# --- 2.0.1 --------------------------------------------------------------------------------------------------

_NUMBERS: Mapping[str, Callable[[int], int]] = {
    "from 0": lambda step: step,
    "from 1000": lambda step: 1000 + step,
    "always 0": lambda _step: 0,
    "begun anew": lambda step: step if step < 2 else step - 2,
}


def _values_201(wh: int, form: str, context: str) -> list[Payload]:
    if form == "kWh":
        return [{"value": wh / 1000, "unitOfMeasure": {"unit": "kWh"}, "context": context}]
    if form == "multiplier":
        return [{"value": wh / 1000, "unitOfMeasure": {"unit": "Wh", "multiplier": 3}, "context": context}]
    if form == "phases":
        return [{"value": part, "phase": phase, "context": context} for phase, part in _phases(wh)]
    return [{"value": wh, "context": context}]


def _phases(wh: int) -> list[tuple[str, int]]:
    return [("L1", wh - 2 * (wh // 3)), ("L2", wh // 3), ("L3", wh // 3)]


def _event_201(story: Story, step: int) -> Payload:
    last = len(story.readings) - 1
    kind = "Started" if step == 0 else "Ended" if step == last else "Updated"
    sampled: list[tuple[int, str]] = []
    begin_at = 1 if story.begin_later else 0
    if step == begin_at or (step == last and story.keeps_data):
        sampled.append((0, "Transaction.Begin"))
    if 0 < step < last:
        sampled.append((step, "Sample.Periodic"))
    if step == last:
        sampled.append((step, "Transaction.End"))
    payload: Payload = {
        "eventType": kind,
        "timestamp": story.at(step),
        "triggerReason": {"Started": "Authorized", "Ended": "StopAuthorized"}.get(kind, "MeterValuePeriodic"),
        "seqNo": _NUMBERS[story.numbering](step),
        "transactionInfo": {"transactionId": story.name},
        "evse": {"id": story.evse_id, "connectorId": 1},
    }
    if sampled:
        payload["meterValue"] = [
            {"timestamp": story.at(taken), "sampledValue": _values_201(story.readings[taken], story.form, context)}
            for taken, context in sampled
        ]
    token = story.token if step == 0 else story.ended_by if step == last else None
    if token is not None:
        payload["idToken"] = {"idToken": token, "type": "ISO14443"}
    return payload


# --- 1.6 ----------------------------------------------------------------------------------------------------


def _values_16(wh: int, form: str, context: str) -> list[Payload]:
    if form in ("kWh", "multiplier"):
        return [{"value": f"{wh / 1000:.3f}", "unit": "kWh", "context": context}]
    if form == "phases":
        return [{"value": str(part), "phase": phase, "context": context} for phase, part in _phases(wh)]
    return [{"value": str(wh), "context": context}]


def _sample_16(story: Story, step: int) -> Payload:
    last = len(story.readings) - 1
    context = "Transaction.Begin" if step == 0 else "Transaction.End" if step == last else "Sample.Periodic"
    return {"timestamp": story.at(step), "sampledValue": _values_16(story.readings[step], story.form, context)}


def _named(story: Story, number: int | None) -> Payload:
    """How the station names its transaction, where it must."""
    if number is not None and story.names == "number":
        return {"transactionId": number}
    return {"transactionId": 0 if story.names == "0" else -1}


def _write_16(story: Story, step: int) -> tuple[str, Callable[[int | None], Payload]]:
    last = len(story.readings) - 1
    if step == 0:
        start = {"connectorId": story.evse_id, "idTag": story.token, "timestamp": story.at(0)}
        return "StartTransaction", lambda _number: {**start, "meterStart": story.readings[0]}
    if step < last:
        values = {"connectorId": story.evse_id, "meterValue": [_sample_16(story, step)]}
        absent = story.names == "not at all"
        return "MeterValues", lambda number: values if absent else {**values, **_named(story, number)}
    stop: Payload = {"meterStop": story.readings[last], "timestamp": story.at(last)}
    if story.ended_by is not None:
        stop["idTag"] = story.ended_by
    if story.keeps_data:
        stop["transactionData"] = [_sample_16(story, taken) for taken in range(last + 1)]
    return "StopTransaction", lambda number: {**stop, **_named(story, number)}


def messages(story: Story, protocol: str) -> list[Message]:
    """All that the station sends of the story, in its order."""
    if protocol == "ocpp1.6":
        return [Message(story, step, *_write_16(story, step)) for step in range(len(story.readings))]
    return [
        Message(story, step, "TransactionEvent", lambda _number, step=step: _event_201(story, step))  # type: ignore[misc]
        for step in range(len(story.readings))
    ]


# --- by chance ----------------------------------------------------------------------------------------------

_zones = st.sampled_from(["Z", "", "+00:00"])
_epochs = st.sampled_from([TRUE, *RESET_TO])

steady_clocks: st.SearchStrategy[Clock] = st.builds(Clock, began=_epochs, zone=_zones)
clocks: st.SearchStrategy[Clock] = st.builds(
    Clock,
    began=_epochs,
    jumps_at=st.none() | st.integers(1, 3),
    jumps_to=_epochs,
    stands=st.booleans(),
    zone=_zones,
)

_steps = st.lists(st.integers(0, 4000), min_size=1, max_size=4)


@st.composite
def register_readings(draw: st.DrawFn, at_least: int = 2) -> tuple[int, ...]:
    """A register that never falls."""
    readings = [draw(st.integers(0, 100_000) | st.just(3_000_000_000))]
    for step in draw(st.lists(st.integers(0, 4000), min_size=at_least - 1, max_size=4)):
        readings.append(readings[-1] + step)
    return tuple(readings)


@st.composite
def falling_readings(draw: st.DrawFn) -> tuple[int, ...]:
    """A register that is reset once, between two samples, and falls further than stations round."""
    before = draw(register_readings())
    before = (*before[:-1], before[-1] + 101)
    fallen = draw(st.integers(0, before[-1] - 101))
    after = [fallen]
    for step in draw(_steps):
        after.append(after[-1] + step)
    return (*before, *after)


@st.composite
def stories(
    draw: st.DrawFn,
    *,
    readings: st.SearchStrategy[tuple[int, ...]] | None = None,
    station_clocks: st.SearchStrategy[Clock] = clocks,
    names: Sequence[str] = ("number",),
    numberings: Sequence[str] = tuple(_NUMBERS),
    most: int = 3,
    one_register: bool = False,
) -> list[Story]:
    """What one station tells: one transaction or several, on one clock.

    With `one_register` its register goes on from one transaction to the next; else each has one of its own.
    """
    clock = draw(station_clocks)
    form = draw(st.sampled_from(["Wh", "kWh", "multiplier", "phases"]))
    numbering = draw(st.sampled_from(numberings))
    naming = draw(st.sampled_from(names))
    told: list[Story] = []
    for number in range(draw(st.integers(1, most))):
        taken = draw(register_readings() if readings is None else readings)
        if one_register and told:
            taken = tuple(reading + told[-1].readings[-1] + 1 for reading in taken)
        told.append(
            Story(
                name=f"tx-{number + 1}",
                readings=taken,
                evse_id=draw(st.integers(1, 2)),
                token=draw(st.sampled_from(["CARD", "FOB"])),
                ended_by=draw(st.sampled_from([None, "CARD", "GUARD"])),
                clock=clock,
                begins_minutes=number * 60,
                form=form,
                numbering=numbering,
                names=naming,
                keeps_data=draw(st.booleans()),
                begin_later=draw(st.booleans()),
            )
        )
    return told
