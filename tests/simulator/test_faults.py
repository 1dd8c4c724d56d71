"""What is wrong with a simulated station on request."""

import json

import pytest

from tests.simulator.desk import Desk
from tests.simulator.test_booting import remote_start
from tests.simulator.test_charging import events
from voltherd.ocpp.rpc import Version
from voltherd.simulator.faults import FAULTS, GARBAGE, NO_FAULTS, faults_named


def faulty(version: Version, name: str) -> Desk:
    desk = Desk(version, faults=FAULTS[name].faults).switch_on()
    desk.forget()
    return desk


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_has_an_explanation_and_does_not_keep_a_station_from_booting(version: Version, name: str) -> None:
    assert FAULTS[name].explanation
    assert "\n" not in FAULTS[name].explanation
    assert FAULTS[name].faults != NO_FAULTS
    faulty(version, name)


def test_faults_can_be_combined() -> None:
    both = faults_named(["liar", "slow"])
    assert (both.lie, both.slow_answer_s) == (True, 10.0)
    assert faults_named([]) == NO_FAULTS


def test_faults_that_nobody_knows_are_refused() -> None:
    with pytest.raises(KeyError):
        faults_named(["haunted"])


def test_never_answers(version: Version) -> None:
    desk = faulty(version, "never-answers")
    assert desk.command(*remote_start(desk)) is None
    desk.pass_time(100)
    assert events(desk) == []


def test_slow_answers_late_and_then_does_it(version: Version) -> None:
    desk = faulty(version, "slow")
    assert desk.command(*remote_start(desk)) is None
    assert desk.command("ClearCache", {}) is None
    desk.pass_time(10)
    assert list(desk.answers.values()) == [{"status": "Accepted"}] * 2
    assert events(desk) != []


def test_slow_answers_nothing_over_a_new_link(version: Version) -> None:
    desk = faulty(version, "slow")
    desk.command("ClearCache", {})
    desk.lose_link()
    desk.find_link()
    desk.pass_time(20)
    assert desk.answers == {}


def test_errors_answers_with_an_error(version: Version) -> None:
    desk = faulty(version, "errors")
    assert desk.command("ClearCache", {}) == "InternalError"


def test_flapping_comes_back(version: Version) -> None:
    desk = faulty(version, "flapping")
    transaction_id = desk.charge()
    desk.pass_time(65)
    assert desk.station.statistics.connections == 4
    assert desk.station.evse_state(1, desk.now).transaction_id == transaction_id
    assert "BootNotification" not in desk.actions()


def test_a_cut_link_stays_wanted_down_until_it_is_down(version: Version) -> None:
    desk = Desk(version).switch_on()
    desk.station.cut(desk.now)
    desk.station.tick(desk.now + 60)
    desk.settle()
    assert not desk.linked()
    desk.pass_time(1)
    assert desk.linked()


def test_liar_accepts_and_does_nothing(version: Version) -> None:
    desk = faulty(version, "liar")
    assert desk.command(*remote_start(desk)) == {"status": "Accepted"}
    assert desk.command("TriggerMessage", {"requestedMessage": "Heartbeat"}) == {"status": "Accepted"}
    assert desk.calls == []


def test_duplicates_are_the_same_text_twice(version: Version) -> None:
    desk = faulty(version, "duplicates")
    desk.charge()
    assert desk.texts[::2] == desk.texts[1::2]
    assert desk.station.evse_state(1, desk.now).charging


def test_garbage_comes_between_and_harms_nothing(version: Version) -> None:
    desk = Desk(version, faults=FAULTS["garbage"].faults)
    station = desk.station
    station.connected(desk.now)
    (boot,) = station.take_texts()
    station.receive(
        json.dumps(
            [
                3,
                json.loads(boot)[1],
                {"status": "Accepted", "currentTime": "2026-05-04T08:00:00Z", "interval": 999},
            ]
        ),
        desk.now,
    )
    heard = list(station.take_texts())
    for _ in range(len(GARBAGE)):
        desk.now += 5
        station.tick(desk.now)
        heard += station.take_texts()
    assert [text for text in heard if text in GARBAGE] == list(GARBAGE)


def test_wrong_id_answers_what_nobody_asked(version: Version) -> None:
    desk = faulty(version, "wrong-id")
    assert desk.command("ClearCache", {}) is None
    assert json.loads(desk.texts[-1])[1] == "not-command-1"


def test_refuses_start(version: Version) -> None:
    desk = faulty(version, "refuses-start")
    assert desk.command(*remote_start(desk)) == {"status": "Rejected"}


def test_no_heartbeat_stays_silent(version: Version) -> None:
    desk = faulty(version, "no-heartbeat")
    desk.pass_time(1000)
    assert desk.actions() == []
