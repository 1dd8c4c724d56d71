"""Whatever happens, a simulated station keeps the rules of its version: what it sends can be read, one call at a time,
and the story of each transaction is whole and in order.
"""

from collections import defaultdict
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.desk import CARD, OTHER_CARD, Desk, Members
from tests.simulator.test_booting import remote_start
from tests.simulator.test_charging import events, registers
from voltherd.ocpp.rpc import Version

Step: TypeAlias = tuple[str, int]

steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(("plug in", "unplug", "card", "other card", "unlock", "stop")), st.integers(1, 2)),
        st.tuples(st.sampled_from(("lose link", "find link", "start", "trigger")), st.just(0)),
        st.tuples(st.sampled_from(("hard reset", "soft reset", "inoperative", "operative")), st.just(0)),
        st.tuples(st.just("time"), st.integers(1, 400)),
        st.tuples(st.sampled_from(("fail", "be silent", "answer")), st.just(0)),
    ),
    max_size=25,
)


def take(desk: Desk, step: Step) -> None:
    what, number = step
    match what:
        case "plug in":
            desk.plug_in(number)
        case "unplug":
            desk.unplug(number)
        case "card":
            desk.present(CARD, number)
        case "other card":
            desk.present(OTHER_CARD, number)
        case "time":
            desk.pass_time(number)
        case "lose link":
            desk.lose_link()
        case "find link":
            desk.find_link()
        case "fail" | "be silent" | "answer":
            answer_or_not(desk, what)
        case _ if desk.station.online:
            command(desk, what, number)


def answer_or_not(desk: Desk, what: str) -> None:
    desk.replies.clear()
    if what != "answer":
        reply = None if what == "be silent" else "InternalError"
        for action in ("StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent", "Authorize"):
            desk.replies[action] = reply


def command(desk: Desk, what: str, number: int) -> None:
    v16 = desk.v16
    match what:
        case "start":
            desk.command(*remote_start(desk))
        case "stop":
            transaction_id = desk.station.evse_state(number, desk.now).transaction_id
            if transaction_id is not None:
                stop: Members = {"transactionId": int(transaction_id) if v16 else transaction_id}
                desk.command("RemoteStopTransaction" if v16 else "RequestStopTransaction", stop)
        case "unlock":
            desk.command("UnlockConnector", {"connectorId": number} if v16 else {"evseId": number, "connectorId": 1})
        case "hard reset":
            desk.command("Reset", {"type": "Hard" if v16 else "Immediate"})
        case "soft reset":
            desk.command("Reset", {"type": "Soft" if v16 else "OnIdle"})
        case "trigger":
            desk.command("TriggerMessage", {"requestedMessage": "MeterValues"})
        case _:
            kind = what.capitalize()
            desk.command("ChangeAvailability", {"connectorId": 0, "type": kind} if v16 else {"operationalStatus": kind})


def come_to_rest(desk: Desk) -> None:
    desk.replies.clear()
    desk.find_link()
    desk.unplug(1)
    desk.unplug(2)
    desk.pass_time(200)


@settings(max_examples=150)
@given(steps)
def test_tells_each_transaction_whole_in_2_0_1(taken: list[Step]) -> None:
    desk = Desk(Version.V201).switch_on()
    for step in taken:
        take(desk, step)
    come_to_rest(desk)
    told: dict[str, list[Members]] = defaultdict(list)
    for event in events(desk):
        if "transactionInfo" in event:
            told[event["transactionInfo"]["transactionId"]].append(event)
    for story in told.values():
        # What was told again after a failure keeps its number; what was given up leaves a gap.
        numbers = [event["seqNo"] for event in story]
        assert numbers == sorted(numbers)
        assert [event["eventType"] for event in story if event["seqNo"] == 0] != []
        kinds = [event["eventType"] for event in story]
        assert kinds == sorted(kinds, key=["Started", "Updated", "Ended"].index)
        times = [event["timestamp"] for event in story]
        assert times == sorted(times)
    if "fail" not in {what for what, _ in taken} and "be silent" not in {what for what, _ in taken}:
        assert all(story[-1]["eventType"] == "Ended" for story in told.values())
        assert all({event["seqNo"] for event in story} == set(range(story[-1]["seqNo"] + 1)) for story in told.values())


@settings(max_examples=150)
@given(steps)
def test_tells_each_transaction_whole_in_1_6(taken: list[Step]) -> None:
    desk = Desk(Version.V16).switch_on()
    for step in taken:
        take(desk, step)
    come_to_rest(desk)
    if {"fail", "be silent"}.isdisjoint(what for what, _ in taken):
        stopped = [stop["transactionId"] for stop in desk.told("StopTransaction")]
        assert len(desk.told("StartTransaction")) == len(stopped)
        assert len(set(stopped)) == len(stopped)
        assert -1 not in stopped
    last: dict[int, int] = {}
    for start in desk.told("StartTransaction"):
        assert start["meterStart"] >= last.get(start["connectorId"], 0)
        last[start["connectorId"]] = start["meterStart"]
    for state in desk.station.state(desk.now).evses.values():
        assert not state.in_transaction


@settings(max_examples=50)
@given(steps)
def test_never_turns_a_register_back(taken: list[Step]) -> None:
    desk = Desk(Version.V201).switch_on()
    for step in taken:
        take(desk, step)
    for evse_id in (1, 2):
        own = Desk(Version.V201)
        own.calls = [
            (action, payload) for action, payload in desk.calls if payload.get("evse", {}).get("id") == evse_id
        ]
        told = registers(own)
        assert told == sorted(told)
