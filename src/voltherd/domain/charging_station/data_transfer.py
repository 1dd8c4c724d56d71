"""A vendor's own messages. 2.0.1 P01, P02; 1.6 §4.3."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.state import ChargingStation, StationReport, charging_station
from voltherd.kernel.messages import Fact, message


@message
class ReportDataTransfer(StationReport):
    """A DataTransfer from the station. The message itself stands in the journal of frames."""

    vendor_id: str
    message_id: str | None = None


@charging_station.decides
def decide(_station: ChargingStation, _report: ReportDataTransfer) -> Sequence[Fact]:
    """No vendor's messages are known: nothing follows, and the station is told so."""
    return ()
