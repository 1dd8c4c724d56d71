"""A station says that it lives and asks for the time. 2.0.1 G02, 1.6 §4.6."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.state import ChargingStation, StationReport, charging_station
from voltherd.kernel.messages import Fact, message


@message
class ReportHeartbeat(StationReport):
    """A Heartbeat. That the station was heard of is noted for any message (`connection.ReportHeard`)."""


@charging_station.decides
def decide(_station: ChargingStation, _report: ReportHeartbeat) -> Sequence[Fact]:
    return ()
