"""What a simulated station does when it is switched on, and when its link comes back."""

import pytest

from tests.simulator.desk import CARD, Desk, Members
from voltherd.ocpp.rpc import Version
from voltherd.simulator.words import Registration

BOOTED = {"status": "Accepted", "currentTime": "2026-05-04T08:00:00Z", "interval": 20}


def test_boots_and_tells_the_status_of_each_connector(version: Version) -> None:
    desk = Desk(version).switch_on()
    connectors = 3 if desk.v16 else 2
    assert desk.actions() == ["BootNotification"] + ["StatusNotification"] * connectors
    assert desk.statuses(1) == desk.statuses(2) == ["Available"]


def test_sends_heartbeats_at_the_interval_that_it_is_told(version: Version) -> None:
    desk = Desk(version)
    desk.replies["BootNotification"] = {**BOOTED, "interval": 20}
    desk.switch_on()
    desk.pass_time(65)
    assert len(desk.told("Heartbeat")) == 3


def test_keeps_its_own_interval_when_it_is_told_none(version: Version) -> None:
    desk = Desk(version, settings={"HeartbeatInterval": "30"})
    desk.replies["BootNotification"] = {**BOOTED, "interval": 0}
    desk.switch_on()
    desk.pass_time(65)
    assert len(desk.told("Heartbeat")) == 2


@pytest.mark.parametrize("registration", ["Pending", "Rejected"])
def test_asks_again_after_the_interval_until_it_is_accepted(version: Version, registration: str) -> None:
    desk = Desk(version)
    desk.replies["BootNotification"] = {**BOOTED, "status": registration}
    desk.settle()
    desk.pass_time(59)
    assert desk.actions() == ["BootNotification"] * 3
    desk.replies.clear()
    desk.pass_time(2)
    assert desk.station.registration is Registration.ACCEPTED
    assert "StatusNotification" in desk.actions()


@pytest.mark.parametrize("reply", ["InternalError", None])
def test_asks_again_when_there_was_no_answer_that_it_could_use(version: Version, reply: str | None) -> None:
    desk = Desk(version)
    desk.replies["BootNotification"] = reply
    desk.settle()
    desk.pass_time(100)
    assert 3 <= len(desk.told("BootNotification")) <= 11
    assert set(desk.actions()) == {"BootNotification"}


def test_says_nothing_of_cables_and_cards_before_it_is_accepted(version: Version) -> None:
    desk = Desk(version)
    desk.replies["BootNotification"] = {**BOOTED, "status": "Pending"}
    desk.settle()
    desk.plug_in()
    desk.present(CARD)
    assert desk.actions() == ["BootNotification"]
    desk.replies.clear()
    desk.pass_time(20)
    assert desk.statuses() == ["Preparing" if desk.v16 else "Occupied"]


def test_answers_while_pending_but_starts_nothing(version: Version) -> None:
    desk = Desk(version)
    desk.replies["BootNotification"] = {**BOOTED, "status": "Pending"}
    desk.settle()
    assert desk.command(*remote_start(desk)) == {"status": "Rejected"}
    assert desk.command("TriggerMessage", {"requestedMessage": "Heartbeat"}) == {"status": "Accepted"}
    assert desk.actions() == ["BootNotification", "Heartbeat"]


def test_boots_again_while_pending_when_asked_to(version: Version) -> None:
    desk = Desk(version)
    desk.replies["BootNotification"] = {**BOOTED, "status": "Pending"}
    desk.settle()
    desk.replies.clear()
    assert desk.command("TriggerMessage", {"requestedMessage": "BootNotification"}) == {"status": "Accepted"}
    assert desk.told("BootNotification")[-1].get("reason") == (None if desk.v16 else "Triggered")
    assert desk.station.registration is Registration.ACCEPTED


def test_obeys_nothing_while_rejected(version: Version) -> None:
    desk = Desk(version)
    desk.replies["BootNotification"] = {**BOOTED, "status": "Rejected"}
    desk.settle()
    assert desk.command("ClearCache", {}) == "SecurityError"


def test_does_not_boot_again_when_only_the_link_was_lost(desk: Desk) -> None:
    desk.lose_link()
    desk.pass_time(100)
    desk.find_link()
    assert desk.actions() == []


def test_tells_after_a_lost_link_what_has_changed(desk: Desk) -> None:
    desk.lose_link()
    desk.plug_in(2)
    desk.find_link()
    assert desk.actions() == ["StatusNotification"]
    assert desk.statuses(2) == ["Preparing" if desk.v16 else "Occupied"]


def test_tells_again_what_was_lost_with_the_link(desk: Desk) -> None:
    desk.replies["StatusNotification"] = None
    desk.plug_in(2)
    desk.lose_link()
    desk.replies.clear()
    desk.find_link()
    assert desk.statuses(2) == ["Preparing" if desk.v16 else "Occupied"] * 2


def remote_start(desk: Desk) -> tuple[str, Members]:
    if desk.v16:
        return "RemoteStartTransaction", {"idTag": CARD.value, "connectorId": 1}
    id_token: Members = {"idToken": CARD.value, "type": "ISO14443"}
    return "RequestStartTransaction", {"idToken": id_token, "remoteStartId": 7, "evseId": 1}
