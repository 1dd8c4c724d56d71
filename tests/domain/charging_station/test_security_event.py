"""A security event, sentence by sentence."""

from tests.support.given import given
from tests.support.words import STATION, after, ready
from voltherd.domain.charging_station.security_event import ReportSecurityEvent, SecurityEventOccurred


def test_goes_into_the_journal_alone() -> None:
    report = ReportSecurityEvent(
        at=after(9), by="station", station=STATION, type="TamperDetectionActivated", occurred_at=after(5), detail="door"
    )
    scene = given(*ready()).when(report)
    scene.then()
    assert scene.journal == [
        SecurityEventOccurred(type="TamperDetectionActivated", occurred_at=after(5), detail="door")
    ]
