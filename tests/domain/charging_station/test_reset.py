"""Reset, sentence by sentence."""

from datetime import timedelta

import pytest

from tests.support.given import Like, given
from tests.support.words import (
    after,
    answered,
    boot,
    connected,
    disconnected,
    lapse,
    ready,
    reset,
    sent,
    status,
    unanswered,
)
from voltherd.domain.charging_station.boot import StationBooted
from voltherd.domain.charging_station.requests import RequestCompleted, Requested, RequestLapsed
from voltherd.domain.charging_station.reset import Reset


def test_is_for_the_whole_station_by_default() -> None:
    given(*ready()).when(reset()).then(Requested(command=reset(evse_id=0)))


def test_is_refused_for_an_evse_that_is_not_there() -> None:
    given(*ready()).when(reset(evse_id=9)).then_refused("evse_unknown", "/evseId", kind="missing")


def test_is_completed_by_the_next_boot() -> None:
    scene = given(*ready(), boot(), reset(at=after(60)), sent(at=after(61)), answered(at=after(62)))
    scene.given(disconnected(), connected(2, at=after(90))).when(boot(at=after(91)))
    scene.then(
        StationBooted,
        Like(
            RequestCompleted,
            result={
                "bootedAt": after(91).isoformat().replace("+00:00", "Z"),
                "boot": {"vendorId": "Acme", "model": "One"},
            },
        ),
    )


def test_is_completed_by_a_boot_on_the_same_connection() -> None:
    scene = given(*ready(), boot(), reset(at=after(60)), sent(at=after(61)), answered(at=after(62)))
    scene.when(boot(at=after(91))).then(StationBooted, RequestCompleted)


def test_is_not_completed_by_a_boot_that_came_before() -> None:
    scene = given(*ready(), boot(), reset(at=after(5)), sent(at=after(5))).when(answered(at=after(6)))
    assert scene.status() == "accepted"


def test_is_completed_by_a_boot_though_its_answer_was_lost() -> None:
    scene = given(*ready(), reset(), sent(), unanswered(at=after(5)), connected(2, at=after(30)))
    scene.when(boot(at=after(31))).then(StationBooted, RequestCompleted)


def test_is_completed_by_a_boot_after_a_later() -> None:
    scene = given(*ready(), reset(type="onIdle"), sent(), answered("scheduled"), connected(2, at=after(7200)))
    scene.when(boot(at=after(7201))).then(StationBooted, RequestCompleted)


def test_is_ineffective_without_a_boot_within_five_minutes() -> None:
    scene = given(*ready(), reset(), sent(), answered(at=after(1)))
    scene.when(lapse(at=after(1) + timedelta(minutes=5))).then(Like(RequestLapsed, status="ineffective"))


def test_of_an_evse_is_completed_when_it_is_available_again() -> None:
    scene = given(*ready(), reset(evse_id=2), sent(), answered(at=after(1)), status("Unavailable", 2, at=after(2)))
    scene.given(status("Available", 1, at=after(3)))
    assert scene.status() == "accepted"
    scene.when(status("Available", 2, at=after(4)))
    assert Like(RequestCompleted, result={"availableAt": after(4).isoformat().replace("+00:00", "Z")}) in scene.events


def test_of_an_evse_is_not_completed_by_how_it_stood_before() -> None:
    scene = given(*ready(), status("Available", 2), reset(evse_id=2), sent(at=after(1))).when(answered(at=after(2)))
    assert scene.status() == "accepted"


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("hard", "immediate"),
        ("HARD", "immediate"),
        ("Soft", "onIdle"),
        ("OnIdle", "onIdle"),
        ("Immediate", "immediate"),
    ],
)
def test_reads_the_historic_words(word: str, meaning: str) -> None:
    assert Reset.adapt({"type": word}) == {"type": meaning}


@pytest.mark.parametrize("payload", [{"type": "gently"}, {"type": 1}, {}])
def test_leaves_other_words_to_the_door(payload: dict[str, object]) -> None:
    assert Reset.adapt(payload) == payload
