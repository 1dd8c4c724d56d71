"""Meter values that belong to no transaction. 2.0.1 J01."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.state import ChargingStation, StationReport, charging_station
from voltherd.domain.meter import MeterReported, MeterValue
from voltherd.kernel.messages import Fact, message


@message
class ReportEvseMeterValues(StationReport):
    """Meter values of an EVSE, or (0) of the station's main meter."""

    evse_id: int
    meter_values: tuple[MeterValue, ...]


@charging_station.decides
def decide(_station: ChargingStation, report: ReportEvseMeterValues) -> Sequence[Fact]:
    return [
        MeterReported(
            transaction_id=None, evse_id=report.evse_id, reported_at=report.at, meter_values=report.meter_values
        )
    ]
