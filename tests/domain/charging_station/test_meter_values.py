"""Meter values outside any transaction, sentence by sentence."""

from tests.support.given import given
from tests.support.words import STATION, after, ready, register_at
from voltherd.domain.charging_station.meter_values import ReportEvseMeterValues
from voltherd.domain.meter import MeterReported


def test_go_into_the_journal_alone() -> None:
    values = (register_at(100),)
    report = ReportEvseMeterValues(at=after(0), by="station", station=STATION, evse_id=0, meter_values=values)
    scene = given(*ready()).when(report)
    scene.then()
    assert scene.journal == [
        MeterReported(transaction_id=None, evse_id=0, reported_at=after(0), meter_values=values),
    ]
