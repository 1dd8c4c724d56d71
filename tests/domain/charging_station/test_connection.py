"""A connection, sentence by sentence."""

from tests.support.given import given
from tests.support.words import connected, disconnected, register, unknown_station
from voltherd.domain.charging_station.connection import StationConnected, StationDisconnected


def test_makes_the_station_online() -> None:
    scene = given(register()).when(connected(1, "ocpp1.6", remote_address="10.0.0.1"))
    scene.then(StationConnected(epoch=1, protocol="ocpp1.6", node="n-1", remote_address="10.0.0.1"))
    assert scene.station.online
    assert scene.station.protocol == "ocpp1.6"


def test_makes_the_station_offline_by_its_end() -> None:
    scene = given(register(), connected(1)).when(disconnected(1))
    scene.then(StationDisconnected(epoch=1, reason="closed"))
    assert not scene.station.online


def test_is_superseded_by_a_newer_one() -> None:
    scene = given(register(), connected(1)).when(connected(2, "ocpp1.6"))
    scene.then(StationConnected)
    assert scene.station.epoch == 2
    assert scene.station.protocol == "ocpp1.6"


def test_that_is_superseded_takes_nobody_offline() -> None:
    scene = given(register(), connected(1), connected(2)).when(disconnected(1))
    scene.then()
    assert scene.station.epoch == 2


def test_that_is_older_than_the_newest_does_not_count() -> None:
    given(register(), connected(2)).when(connected(1)).then()


def test_that_is_older_than_one_that_has_ended_does_not_count() -> None:
    scene = given(register(), connected(2), disconnected(2)).when(connected(1))
    scene.then()
    assert not scene.station.online


def test_is_told_once() -> None:
    given(register(), connected(1)).when(connected(1)).then()


def test_ends_once() -> None:
    given(register(), connected(1), disconnected(1)).when(disconnected(1)).then()


def test_is_kept_of_a_station_that_waits_for_acceptance() -> None:
    given(unknown_station()).when(connected(1)).then(StationConnected)
