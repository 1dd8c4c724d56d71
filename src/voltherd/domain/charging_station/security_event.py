"""A station tells of something that bears on its security. 2.0.1 A04, 1.6 security whitepaper §4.6."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from voltherd.domain.charging_station.state import ChargingStation, StationReport, charging_station
from voltherd.kernel.messages import Fact, JournalEntry, message


@message
class ReportSecurityEvent(StationReport):
    """A SecurityEventNotification; the list of types is open."""

    type: str
    occurred_at: datetime
    detail: str | None = None


@message
class SecurityEventOccurred(JournalEntry):
    """The station saw this happen at `occurred_at`, by its own clock. Told twice, it is the same."""

    type: str
    occurred_at: datetime
    detail: str | None


@charging_station.decides
def decide(_station: ChargingStation, report: ReportSecurityEvent) -> Sequence[Fact]:
    return [SecurityEventOccurred(type=report.type, occurred_at=report.occurred_at, detail=report.detail)]
