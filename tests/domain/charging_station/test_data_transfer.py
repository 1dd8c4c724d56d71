"""A vendor's message, sentence by sentence."""

from tests.support.given import given
from tests.support.words import STATION, after, ready
from voltherd.domain.charging_station.data_transfer import ReportDataTransfer


def test_has_no_consequence() -> None:
    report = ReportDataTransfer(at=after(0), by="station", station=STATION, vendor_id="com.acme")
    given(*ready()).when(report).then()
