"""What a simulated station says, in 1.6 and in 2.0.1: boot, status, then heartbeats, meter values, transactions."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Mapping
from itertools import count
from typing import Any

Said = tuple[str, bytes]
"""A name for the statistics, and the call's action and payload as they stand in the frame."""

Story = Generator[Said, Mapping[str, Any], None]
"""Yields what the station says and is sent the payload of each answer, `{}` where it was an error."""

# Ten values of a three-phase wallbox: measurand, phase, unit, and the value as a function of the energy in Wh.
_MEASURED: tuple[tuple[str, str | None, str], ...] = (
    ("Energy.Active.Import.Register", None, "Wh"),
    ("Power.Active.Import", None, "W"),
    ("Power.Offered", None, "W"),
    ("Current.Offered", None, "A"),
    ("Current.Import", "L1", "A"),
    ("Current.Import", "L2", "A"),
    ("Current.Import", "L3", "A"),
    ("Voltage", "L1-N", "V"),
    ("Voltage", "L2-N", "V"),
    ("Voltage", "L3-N", "V"),
)
_TYPICAL = (10_980, 11_040, 16, 15.9, 15.8, 16.0, 230.1, 229.7, 231.2)
"""What they show, after the energy register, which alone moves."""


def entry(number: int, updates: int) -> int:
    """Where station `number` enters its first round, so that every step has its share of stations from the beginning.

    A round has `updates + 4` steps: heartbeat (0), meter values (1), start (2), the updates, and the end.
    """
    return number % (updates + 4)


def setup(number: int, updates: int) -> int:
    """How many messages come before the rounds: boot, status, and a start for those who enter behind it."""
    return 3 if entry(number, updates) > 2 else 2


def story_16(number: int, updates: int, clock: Callable[[], bytes] | None = None) -> Story:
    """The life of a 1.6 station, without end."""
    now = clock or _now
    energy, step, transaction = number * 1_000, entry(number, updates), 0

    def start() -> Said:
        payload = b'{"connectorId":1,"idTag":"BENCH%d","meterStart":%d,"timestamp":"%b"}' % (number, energy, now())
        return "StartTransaction", b'"StartTransaction",' + payload

    yield (
        "BootNotification",
        b'"BootNotification",{"chargePointVendor":"Bench","chargePointModel":"B1",'
        b'"chargePointSerialNumber":"%d","firmwareVersion":"1.0"}' % number,
    )
    yield (
        "StatusNotification",
        b'"StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Available","timestamp":"%b"}' % now(),
    )
    if step > 2:
        transaction = (yield start()).get("transactionId", 0)
    while True:
        if step == 0:
            yield "Heartbeat", b'"Heartbeat",{}'
        elif step == 1:
            yield "MeterValues", _METER_16 % (now(), energy)
        elif step == 2:
            transaction = (yield start()).get("transactionId", 0)
        elif step <= 2 + updates:
            energy += 183
            yield "MeterValues (transaction)", _SAMPLES_16 % (transaction, now(), energy)
        else:
            yield (
                "StopTransaction",
                b'"StopTransaction",{"transactionId":%d,"idTag":"BENCH%d","meterStop":%d,"timestamp":"%b",'
                b'"reason":"Local"}' % (transaction, number, energy, now()),
            )
        step = (step + 1) % (updates + 4)


def story_201(number: int, updates: int, clock: Callable[[], bytes] | None = None, *, offline: bool = False) -> Story:
    """The life of a 2.0.1 station, without end; `offline`: what it tells of transactions was kept while offline."""
    now = clock or _now
    kept = b'"offline":true,' if offline else b""
    energy, step, ran = number * 1_000, entry(number, updates), 0
    token = b'"idToken":{"idToken":"BENCH%d","type":"ISO14443"}' % number
    evse = b'"evse":{"id":1,"connectorId":1}'
    life = b"%08x-%06x" % (int(time.time()), number)
    transaction = life

    def start() -> Said:
        return (
            "TransactionEvent (Started)",
            b'"TransactionEvent",{%b"eventType":"Started","timestamp":"%b","triggerReason":"Authorized","seqNo":0,'
            b'"transactionInfo":{"transactionId":"%b","chargingState":"Charging"},%b,%b}'
            % (kept, now(), transaction, evse, token),
        )

    yield (
        "BootNotification",
        b'"BootNotification",{"reason":"PowerUp","chargingStation":{"vendorName":"Bench","model":"B2",'
        b'"serialNumber":"%d","firmwareVersion":"1.0"}}' % number,
    )
    yield (
        "StatusNotification",
        b'"StatusNotification",{"timestamp":"%b","connectorStatus":"Available","evseId":1,"connectorId":1}' % now(),
    )
    if step > 2:
        yield start()
    while True:
        if step == 0:
            yield "Heartbeat", b'"Heartbeat",{}'
        elif step == 1:
            yield "MeterValues", _METER_201 % (now(), energy)
        elif step == 2:
            ran += 1
            transaction = b"%b-%08x" % (life, ran)
            yield start()
        elif step <= 2 + updates:
            energy += 183
            instant = now()
            words = (kept, instant, step - 2, transaction, evse, instant, energy)
            yield "TransactionEvent (Updated)", _SAMPLES_201 % words
        else:
            yield (
                "TransactionEvent (Ended)",
                b'"TransactionEvent",{%b"eventType":"Ended","timestamp":"%b","triggerReason":"StopAuthorized",'
                b'"seqNo":%d,"transactionInfo":{"transactionId":"%b","stoppedReason":"Local"},%b,%b}'
                % (kept, now(), updates + 1, transaction, evse, token),
            )
        step = (step + 1) % (updates + 4)


STORIES: Mapping[str, tuple[str, Callable[[int, int], Story]]] = {
    "1.6": ("ocpp1.6", story_16),
    "2.0.1": ("ocpp2.0.1", story_201),
}
"""By version: the subprotocol, and the story of station `number` whose transactions have so many updates."""


def replay_16(number: int, updates: int) -> Story:
    """A 1.6 station that was offline for days tells what it kept: nothing but the timestamps says that it is old."""
    return _replay(story_16(number, updates, _days_ago()))


def replay_201(number: int, updates: int) -> Story:
    """A 2.0.1 station that was offline for days tells what it kept."""
    return _replay(story_201(number, updates, _days_ago(), offline=True))


REPLAYS: Mapping[str, tuple[str, Callable[[int, int], Story]]] = {
    "1.6": ("ocpp1.6", replay_16),
    "2.0.1": ("ocpp2.0.1", replay_201),
}
"""The same for stations that were offline, and say as fast as they are answered what they kept."""

_OFFLINE_DAYS = 5
_APART_S = 60


def _days_ago() -> Callable[[], bytes]:
    """A clock that began days ago and goes on by a minute whenever it is read."""
    instants = count(int(time.time()) - _OFFLINE_DAYS * 86_400, _APART_S)
    return lambda: time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(next(instants))).encode()


def _replay(story: Story) -> Story:
    """The story without heartbeats, which nobody keeps."""
    said = next(story)
    while True:
        if said[0] == "Heartbeat":
            said = story.send({})
        else:
            said = story.send((yield said))


_second = -1
_prefix = b""


def _now() -> bytes:
    """The time as stations write it; the part down to the second is made once a second."""
    global _second, _prefix
    nanoseconds = time.time_ns()
    second = nanoseconds // 1_000_000_000
    if second != _second:
        _second, _prefix = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)).encode()
    return b"%b.%06dZ" % (_prefix, nanoseconds // 1_000 % 1_000_000)


def _samples_16() -> str:
    def sampled(measured: tuple[str, str | None, str], value: str) -> str:
        measurand, phase, unit = measured
        phased = "" if phase is None else f'"phase":"{phase}",'
        return f'{{"value":"{value}","context":"Sample.Periodic","measurand":"{measurand}",{phased}"unit":"{unit}"}}'

    return _joined(sampled)


def _samples_201() -> str:
    def sampled(measured: tuple[str, str | None, str], value: str) -> str:
        measurand, phase, unit = measured
        phased = "" if phase is None else f'"phase":"{phase}",'
        return (
            f'{{"value":{value},"context":"Sample.Periodic","measurand":"{measurand}",{phased}'
            f'"unitOfMeasure":{{"unit":"{unit}"}}}}'
        )

    return _joined(sampled)


def _joined(sampled: Callable[[tuple[str, str | None, str], str], str]) -> str:
    values: Iterable[str] = ("%d", *map(str, _TYPICAL))
    return ",".join(sampled(measured, value) for measured, value in zip(_MEASURED, values, strict=True))


_METER_16 = (
    b'"MeterValues",{"connectorId":1,"meterValue":[{"timestamp":"%b",'
    b'"sampledValue":[{"value":"%d","context":"Sample.Clock","unit":"Wh"}]}]}'
)
_SAMPLES_16 = (
    '"MeterValues",{"connectorId":1,"transactionId":%d,"meterValue":[{"timestamp":"%b",'
    f'"sampledValue":[{_samples_16()}]}}]}}'
).encode()
_METER_201 = (
    b'"MeterValues",{"evseId":1,"meterValue":[{"timestamp":"%b",'
    b'"sampledValue":[{"value":%d,"context":"Sample.Clock","unitOfMeasure":{"unit":"Wh"}}]}]}'
)
_SAMPLES_201 = (
    '"TransactionEvent",{%b"eventType":"Updated","timestamp":"%b","triggerReason":"MeterValuePeriodic","seqNo":%d,'
    '"transactionInfo":{"transactionId":"%b","chargingState":"Charging"},%b,'
    f'"meterValue":[{{"timestamp":"%b","sampledValue":[{_samples_201()}]}}]}}'
).encode()
