"""What a link says of its station, and the little that it must know."""

import pytest

from tests.support.given import Like, given
from tests.support.words import STATION, T0, ready, register, unknown_station
from voltherd.domain.charging_station.boot import StationDiscovered
from voltherd.domain.charging_station.connection import StationConnected, StationDisconnected, StationHeard
from voltherd.domain.charging_station.password import SetPassword
from voltherd.domain.frames import FrameSeen
from voltherd.ocpp import dialect

TEXT = "correct horse battery"


def test_finds_a_station_welcome_once_it_is_known() -> None:
    assert not dialect.is_welcome(given().station)
    assert dialect.is_welcome(given(register()).station)
    assert dialect.is_welcome(given(unknown_station()).station)
    assert not dialect.is_welcome(None)


def test_lets_an_unknown_station_in_by_a_report() -> None:
    given().when(dialect.report_unknown(STATION, T0, "pending")).then(StationDiscovered)


def test_reports_that_it_opened_and_that_it_closed() -> None:
    scene = given(*ready()).when(dialect.report_connected(STATION, T0, 2, "ocpp1.6", "n-1", "10.0.0.1"))
    scene.then(StationConnected(epoch=2, protocol="ocpp1.6", node="n-1", remote_address="10.0.0.1"))
    assert dialect.state_of(scene.touched) == scene.station
    scene.when(dialect.report_disconnected(STATION, T0, 2, "gone")).then(StationDisconnected(epoch=2, reason="gone"))


def test_notes_frames_and_signs_of_life() -> None:
    assert dialect.frame_seen(STATION, T0, "sent", "[]").fact == Like(FrameSeen, direction="sent", text="[]")
    assert dialect.heard(STATION, T0).fact == StationHeard(heard_at=T0)


@pytest.mark.parametrize(
    ("password", "presented", "fits"),
    [
        (None, None, True),
        (None, b"anything", True),
        (TEXT, TEXT.encode(), True),
        (TEXT, b"another", False),
        (TEXT, None, False),
    ],
)
def test_lets_a_station_in_by_its_password(password: str | None, presented: bytes | None, fits: bool) -> None:
    order = SetPassword(at=T0, by="somebody", station=STATION, command_id="c-1", password=password)
    assert dialect.password_fits(given(register(), order).station, presented) is fits
