"""What stations tell of transactions: 1.6's StartTransaction, MeterValues, StopTransaction; 2.x's one event."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from voltherd.domain.charging_station.state import StationReport
from voltherd.domain.identification import IdToken
from voltherd.domain.meter import MeterValue
from voltherd.kernel.messages import message

ChargingState = Literal["Charging", "EVConnected", "SuspendedEV", "SuspendedEVSE", "Idle"]


@message
class ReportTransaction(StationReport):
    """What the three have in common.

    `transaction_id` is None where the station does not say (a 1.6 start, or meter values outside any transaction).
    `seq_no` and `trigger` are 2.x's. `occurred_at` is the station's clock.
    """

    abstract: ClassVar[bool] = True

    transaction_id: str | None
    occurred_at: datetime
    evse_id: int | None = None
    connector_id: int | None = None
    id_token: IdToken | None = None
    seq_no: int | None = None
    trigger: str | None = None
    offline: bool = False
    charging_state: ChargingState | None = None
    remote_start_id: int | None = None
    meter_values: tuple[MeterValue, ...] = ()


@message
class ReportTransactionStarted(ReportTransaction):
    """It begins. `number` is the candidate for a 1.6 transaction's number, used if this start is news."""

    number: int | None = None
    meter_start_wh: int | None = None
    reservation_id: int | None = None


@message
class ReportTransactionUpdated(ReportTransaction):
    """It goes on."""


@message
class ReportTransactionEnded(ReportTransaction):
    """It has ended. `stop_reason` is the station's own word."""

    meter_stop_wh: int | None = None
    stop_reason: str | None = None


@message
class ReportMeterValues(ReportTransaction):
    """Meter values that came by themselves: of a transaction if the station says which, else of an EVSE."""


def folded(id_token: IdToken | None) -> str | None:
    """The token's text as it is compared, if there is a token."""
    return None if id_token is None else id_token.folded
