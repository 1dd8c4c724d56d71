"""A heartbeat, sentence by sentence."""

from tests.support.given import given
from tests.support.words import STATION, after, ready, unknown_station
from voltherd.domain.charging_station.heartbeat import ReportHeartbeat

BEAT = ReportHeartbeat(at=after(0), by="station", station=STATION)


def test_never_goes_into_history() -> None:
    given(*ready()).when(BEAT).then()


def test_is_not_heard_before_acceptance() -> None:
    given(unknown_station()).when(BEAT).then_refused("station_not_accepted")
