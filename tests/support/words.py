"""Commands and reports with everything in them that a test does not care about.

Instants are seconds after `T0`: `after(30)`. Every builder takes any member of its message by name; `at` too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from voltherd.domain.charging_station.authorize import ReportAuthorization
from voltherd.domain.charging_station.boot import ReportBoot, ReportUnknownStation
from voltherd.domain.charging_station.change_availability import ChangeAvailability
from voltherd.domain.charging_station.clear_cache import ClearCache
from voltherd.domain.charging_station.configure import Configuration, Configure, FlatConnector
from voltherd.domain.charging_station.connection import ReportConnected, ReportDisconnected
from voltherd.domain.charging_station.register import Register, Suspend
from voltherd.domain.charging_station.request_life import (
    CancelRequest,
    LapseRequest,
    ReportAnswer,
    ReportNoAnswer,
    ReportRequestSent,
)
from voltherd.domain.charging_station.requests import Answer, AnswerStatus
from voltherd.domain.charging_station.reset import Reset
from voltherd.domain.charging_station.settings import PushSettings
from voltherd.domain.charging_station.start_transaction import StartTransaction
from voltherd.domain.charging_station.status import ReportStatus
from voltherd.domain.charging_station.stop_transaction import StopTransaction
from voltherd.domain.charging_station.trigger_message import TriggerMessage
from voltherd.domain.charging_station.unlock_connector import UnlockConnector
from voltherd.domain.charging_station.variables import GetVariables, SetVariables
from voltherd.domain.connector import Connector, ConnectorStatus, Evse
from voltherd.domain.id_token.administration import (
    CreateIdToken,
    DeleteIdToken,
    IdTokenDetails,
    ReplaceIdToken,
)
from voltherd.domain.identification import IdToken
from voltherd.domain.meter import MeterValue, SampledValue
from voltherd.domain.transaction.reports import (
    ReportMeterValues,
    ReportTransactionEnded,
    ReportTransactionStarted,
    ReportTransactionUpdated,
)
from voltherd.kernel.identity import IdTokenKey, StationKey

OPERATOR = "default"
STATION = StationKey(operator=OPERATOR, station_id="CS-1")
T0 = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """The instant so many seconds after the beginning."""
    return T0 + timedelta(seconds=seconds)


def _with(default: Mapping[str, Any], members: Mapping[str, Any]) -> dict[str, Any]:
    return {"at": T0, "by": "somebody", "station": STATION, **default, **members}


def _request(default: Mapping[str, Any], members: Mapping[str, Any]) -> dict[str, Any]:
    at: datetime = members.get("at", T0)
    return _with({"command_id": "c-1", "expires_at": at + timedelta(seconds=60), **default}, members)


# --- operators: what needs no station -----------------------------------------------------------------------


def register(configuration: Configuration | None = None, **members: Any) -> Register:
    return Register(**_with({"command_id": "register", "configuration": configuration}, members))


def suspend(**members: Any) -> Suspend:
    return Suspend(**_with({"command_id": "suspend"}, members))


def configure(**members: Any) -> Configure:
    return Configure(**_with({"command_id": "configure"}, members))


def evses(*ids: int) -> tuple[Evse, ...]:
    """The nested shape: EVSEs of one connector each."""
    return tuple(Evse(evse_id=number, connectors=(Connector(connector_id=1),)) for number in ids)


def connectors(*ids: int) -> tuple[FlatConnector, ...]:
    """The flat shape."""
    return tuple(FlatConnector(connector_id=number, connector_type="sType2", max_amp=16) for number in ids)


def cancel(request_id: str = "c-1", **members: Any) -> CancelRequest:
    return CancelRequest(**_with({"command_id": "cancel", "request_id": request_id}, members))


# --- operators: what the station must do --------------------------------------------------------------------


def unlock(evse_id: int = 1, **members: Any) -> UnlockConnector:
    return UnlockConnector(**_request({"evse_id": evse_id}, members))


def start(id_token: str = "TAG", **members: Any) -> StartTransaction:
    return StartTransaction(**_request({"id_token": IdToken(id_token=id_token)}, members))


def stop(transaction_id: str = "tx-1", **members: Any) -> StopTransaction:
    return StopTransaction(**_request({"transaction_id": transaction_id}, members))


def reset(**members: Any) -> Reset:
    return Reset(**_request({"type": "immediate"}, members))


def make(availability: str, evse_id: int = 0, **members: Any) -> ChangeAvailability:
    return ChangeAvailability(**_request({"availability": availability, "evse_id": evse_id}, members))


def get_variables(*names: str, **members: Any) -> GetVariables:
    return GetVariables(**_request({"variables": names}, members))


def set_variables(variables: Mapping[str, str], **members: Any) -> SetVariables:
    return SetVariables(**_request({"variables": variables}, members))


def trigger(requested_message: str = "StatusNotification", **members: Any) -> TriggerMessage:
    return TriggerMessage(**_request({"requested_message": requested_message}, members))


def clear_cache(**members: Any) -> ClearCache:
    return ClearCache(**_request({}, members))


# --- the link: what becomes of a request --------------------------------------------------------------------


def sent(request_id: str = "c-1", epoch: int = 1, **members: Any) -> ReportRequestSent:
    return ReportRequestSent(**_with({"request_id": request_id, "epoch": epoch}, members))


def answered(
    status: AnswerStatus = "accepted",
    request_id: str = "c-1",
    *,
    code: str | None = None,
    result: Mapping[str, Any] | None = None,
    **members: Any,
) -> ReportAnswer:
    answer = Answer(status=status, code=code, result=result)
    return ReportAnswer(**_with({"request_id": request_id, "answer": answer}, members))


def unanswered(request_id: str = "c-1", **members: Any) -> ReportNoAnswer:
    return ReportNoAnswer(**_with({"request_id": request_id, "epoch": 1, "reason": "the connection closed"}, members))


def lapse(request_id: str = "c-1", **members: Any) -> LapseRequest:
    return LapseRequest(**_with({"request_id": request_id}, members))


def push_settings(**members: Any) -> PushSettings:
    return PushSettings(**_with({}, members))


# --- the link: the station comes and goes -------------------------------------------------------------------


def unknown_station(policy: str = "pending", **members: Any) -> ReportUnknownStation:
    return ReportUnknownStation(**_with({"policy": policy}, members))


def connected(epoch: int = 1, protocol: str = "ocpp2.0.1", **members: Any) -> ReportConnected:
    return ReportConnected(**_with({"epoch": epoch, "protocol": protocol, "node": "n-1"}, members))


def disconnected(epoch: int = 1, **members: Any) -> ReportDisconnected:
    return ReportDisconnected(**_with({"epoch": epoch, "reason": "closed"}, members))


# --- the station --------------------------------------------------------------------------------------------


def boot(protocol: str = "ocpp2.0.1", **members: Any) -> ReportBoot:
    return ReportBoot(**_with({"protocol": protocol, "attributes": {"vendorId": "Acme", "model": "One"}}, members))


def status(status: ConnectorStatus = "Available", evse_id: int = 1, **members: Any) -> ReportStatus:
    default = {
        "status": status,
        "evse_id": evse_id,
        "connector_id": 1 if evse_id else 0,
        "reported_at": members.get("at", T0),
    }
    return ReportStatus(**_with(default, members))


def authorization(id_token: str = "TAG", asked_id: str = "m-1", **members: Any) -> ReportAuthorization:
    token = IdToken(id_token=id_token, type=members.pop("type", "Unspecified"))
    return ReportAuthorization(**_with({"id_token": token, "asked_id": asked_id}, members))


def _told(default: Mapping[str, Any], members: Mapping[str, Any]) -> dict[str, Any]:
    """A message about a transaction: `id_token` as text; told when it happened."""
    token = members.get("id_token")
    text = {"id_token": IdToken(id_token=token)} if isinstance(token, str) else {}
    return _with({"occurred_at": members.get("at", T0), **default}, {**members, **text})


def started16(number: int = 17, id_token: str = "TAG", evse_id: int = 1, **members: Any) -> ReportTransactionStarted:
    """1.6's StartTransaction; `number` is the candidate."""
    default = {
        "transaction_id": None,
        "number": number,
        "evse_id": evse_id,
        "connector_id": 1,
        "id_token": IdToken(id_token=id_token),
        "meter_start_wh": 1000,
    }
    return ReportTransactionStarted(**_told(default, members))


def ended16(transaction_id: str | None = "17", **members: Any) -> ReportTransactionEnded:
    """1.6's StopTransaction; None where the station said 0 or -1."""
    default = {"transaction_id": transaction_id, "meter_stop_wh": 5000, "stop_reason": "Local"}
    return ReportTransactionEnded(**_told(default, members))


def metered16(transaction_id: str | None = "17", evse_id: int | None = 1, **members: Any) -> ReportMeterValues:
    """1.6's MeterValues."""
    default = {"transaction_id": transaction_id, "evse_id": evse_id, "meter_values": (register_at(2000),)}
    return ReportMeterValues(**_told(default, members))


def started(transaction_id: str = "tx-1", seq_no: int = 0, **members: Any) -> ReportTransactionStarted:
    """2.x's TransactionEvent (Started)."""
    return ReportTransactionStarted(**_told({"transaction_id": transaction_id, "seq_no": seq_no}, members))


def updated(transaction_id: str = "tx-1", seq_no: int = 1, **members: Any) -> ReportTransactionUpdated:
    """2.x's TransactionEvent (Updated)."""
    return ReportTransactionUpdated(**_told({"transaction_id": transaction_id, "seq_no": seq_no}, members))


def ended(transaction_id: str = "tx-1", seq_no: int = 9, **members: Any) -> ReportTransactionEnded:
    """2.x's TransactionEvent (Ended)."""
    default = {"transaction_id": transaction_id, "seq_no": seq_no, "stop_reason": "Local"}
    return ReportTransactionEnded(**_told(default, members))


def register_at(wh: int | str, context: str = "Sample.Periodic", at: datetime = T0) -> MeterValue:
    """A meter value: the register of imported energy."""
    return MeterValue(taken_at=at, sampled=(SampledValue(value=Decimal(wh), context=context),))


# --- id tokens ----------------------------------------------------------------------------------------------


def details(id_token: str = "TAG", **members: Any) -> IdTokenDetails:
    return IdTokenDetails(id_token=id_token, **members)


def _token(id_token: str, **members: Any) -> dict[str, Any]:
    return {"at": T0, "by": "somebody", "command_id": "c-1", "id_token": IdTokenKey.of(OPERATOR, id_token), **members}


def create_token(id_token: str = "TAG", **members: Any) -> CreateIdToken:
    return CreateIdToken(**_token(id_token), details=details(id_token, **members))


def replace_token(id_token: str = "TAG", **members: Any) -> ReplaceIdToken:
    return ReplaceIdToken(**_token(id_token), details=details(id_token, **members))


def delete_token(id_token: str = "TAG") -> DeleteIdToken:
    return DeleteIdToken(**_token(id_token))


# --- how things usually stand -------------------------------------------------------------------------------


def ready(protocol: str = "ocpp2.0.1", *evse_ids: int) -> tuple[Any, ...]:
    """An accepted station that is online (epoch 1) and has EVSEs (1 and 2 unless told)."""
    return (
        register(Configuration(evses=evses(*(evse_ids or (1, 2))))),
        connected(protocol=protocol, at=after(-1)),
    )
