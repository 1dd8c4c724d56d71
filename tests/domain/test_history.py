"""History, whatever it holds: it can be told twice, in other orders, and read back."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.support import stories
from tests.support.given import Scene, catalog
from tests.support.given import given as scene_of
from tests.support.words import after, create_token, ended, ready, register_at, started, updated
from voltherd.domain.identification import IdToken
from voltherd.domain.transaction.course import TransactionEnded
from voltherd.domain.transaction.reports import ReportTransaction
from voltherd.domain.transaction.state import Transaction
from voltherd.kernel.messages import Command, Event, Refusal, Report

BEGINNINGS = st.sampled_from([ready(), ready("ocpp1.6"), (*ready(), started(evse_id=1), create_token("A")), ()])


def attempt(scene: Scene, command: Command) -> bool:
    """Decide upon a command; whether it was taken."""
    scene.when(command)
    return not isinstance(scene.refusal, Refusal)


# --- told twice ---------------------------------------------------------------------------------------------


@given(BEGINNINGS, stories.stories, stories.reports)
def test_is_no_different_when_a_report_comes_twice(
    beginning: Sequence[Command], story: Sequence[Command], report: Report
) -> None:
    scene = scene_of(*beginning)
    for command in story:
        attempt(scene, command)
    taken = attempt(scene, report)
    once = scene.held()
    assert attempt(scene, report) == taken
    assert scene.events == []
    assert scene.held() == once


@given(stories.stories, stories.stories, st.data())
def test_is_no_different_when_a_transaction_s_message_comes_again_later(
    before: Sequence[Command], between: Sequence[Command], data: st.DataObject
) -> None:
    scene = scene_of(*ready())
    for command in before:
        attempt(scene, command)
    report = data.draw(stories.station_reports.filter(lambda one: isinstance(one, ReportTransaction)))
    assume(attempt(scene, report))
    for command in between:
        attempt(scene, command)
    once = scene.held()
    assert attempt(scene, report) == scene.station.accepted
    assert scene.events == []
    assert scene.held() == once


@given(BEGINNINGS, stories.stories, stories.operator_commands)
def test_is_no_different_when_a_station_s_command_comes_twice(
    beginning: Sequence[Command], story: Sequence[Command], command: Command
) -> None:
    scene = scene_of(*beginning)
    for earlier in story:
        attempt(scene, earlier)
    if attempt(scene, command) and hasattr(command, "station") and type(command).__name__ != "CancelRequest":
        attempt(scene, command)
        assert scene.refusal is None
        assert scene.events == []


# --- in other orders ----------------------------------------------------------------------------------------


BEGIN, MIDDLE, END = "Transaction.Begin", "Sample.Periodic", "Transaction.End"
MESSAGES: tuple[ReportTransaction, ...] = (
    started(seq_no=0, at=after(0), charging_state="EVConnected"),
    updated(seq_no=1, at=after(1), evse_id=1, connector_id=1, id_token="A", remote_start_id=4),
    updated(seq_no=2, at=after(2), meter_values=(register_at(1000, BEGIN),), charging_state="Charging"),
    updated(seq_no=3, at=after(3), evse_id=1, id_token="A", meter_values=(register_at(3000, MIDDLE),)),
    ended(seq_no=4, at=after(4), evse_id=1, id_token="B", meter_values=(register_at(5000, END),)),
)


def essence(scene: Scene) -> dict[str, object]:
    found = scene.transaction()
    return {
        "known": found.known,
        "started": found.started,
        "ended": found.ended,
        "evse": found.evse_id,
        "start": found.meter_start_wh,
        "authorizations": {token: one.authorization for token, one in found.presented.items()},
        "running": dict(scene.running),
        "ended before": scene.station.ended_transactions,
        "stop": [event.meter_stop_wh for event in all_events(scene) if isinstance(event, TransactionEnded)],
    }


def all_events(scene: Scene) -> list[Event]:
    return [event for events in scene.store.streams.values() for event in events]


@given(st.permutations(MESSAGES), st.lists(st.sampled_from(MESSAGES), max_size=4))
@example(list(reversed(MESSAGES)), [])
def test_comes_to_the_same_in_whatever_order_a_transaction_is_told(
    messages: Sequence[ReportTransaction], again: Sequence[ReportTransaction]
) -> None:
    def told(those: Sequence[Command]) -> dict[str, object]:
        return essence(scene_of(*ready(), create_token("A"), *those))

    in_order = told(MESSAGES)
    assert in_order["start"] == 1000
    assert in_order["stop"] == [5000]
    assert in_order["ended"] is True
    assert told([*messages, *again]) == in_order


@given(st.permutations(MESSAGES[:-1]))
def test_knows_the_newest_charging_state_in_whatever_order_it_is_told(messages: Sequence[ReportTransaction]) -> None:
    scene = scene_of(*ready(), *messages)
    assert scene.transaction().charging_state == "Charging"


# --- read back ----------------------------------------------------------------------------------------------


DECODERS = {name: msgspec.json.Decoder(kind) for name, kind in catalog().events.items()}


def read_back(_stream: str, event: Event) -> Event:
    """The event as history would give it back."""
    read: Event = DECODERS[event.stored_as()].decode(msgspec.json.encode(event))
    return read


@given(BEGINNINGS, stories.stories)
def test_is_read_back_as_it_was_told(beginning: Sequence[Command], story: Sequence[Command]) -> None:
    scene = scene_of(*beginning)
    for command in story:
        attempt(scene, command)
    for events in scene.store.streams.values():
        for event in events:
            assert read_back("", event) == event
    assert scene.folded_anew(read_back) == scene.held()
    assert scene.folded_anew() == scene.held()


@given(BEGINNINGS, stories.stories)
def test_never_makes_a_report_a_fault(beginning: Sequence[Command], story: Sequence[Command]) -> None:
    """Whatever is said, it is decided or refused; and a station that is accepted is never refused."""
    scene = scene_of(*beginning)
    for command in story:
        accepted = scene.station.accepted
        taken = attempt(scene, command)
        assert taken or not isinstance(command, Report) or not accepted


@pytest.mark.parametrize("token", ["A", "a", " A "])
def test_keeps_one_token_s_authorization_once(token: str) -> None:
    state: Transaction = scene_of(*ready(), *MESSAGES).transaction()
    assert state.authorization_of(IdToken(id_token=token)) is not None
    assert len(state.presented) == 2
