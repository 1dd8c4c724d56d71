"""OCPP 2.0.1 from the station's side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final

from voltherd.ocpp.payload import Payload
from voltherd.ocpp.rpc import Version
from voltherd.ocpp.v201 import payloads as wire
from voltherd.simulator import orders, words
from voltherd.simulator.codec import CannotObey, timestamp
from voltherd.simulator.meter import Sample, readings
from voltherd.simulator.orders import Outcome, Requested, Result, SettingResult
from voltherd.simulator.words import Status, StopReason

# A simulated variable has its actual value and nothing else.
_ACTUAL: Final = (None, "Actual")
# A simulated EVSE has one connector.
_CONNECTOR: Final = 1

_REASONS: Final[Mapping[StopReason, wire.Reason]] = {
    StopReason.DEAUTHORIZED: "DeAuthorized",
    StopReason.EV_DISCONNECTED: "EVDisconnected",
    StopReason.IMMEDIATE_RESET: "ImmediateReset",
    StopReason.SOFT_RESET: "Reboot",
    StopReason.LOCAL: "Local",
    StopReason.REMOTE: "Remote",
    StopReason.BATTERY_FULL: "SOCLimitReached",
    StopReason.UNLOCK_COMMAND: "Other",
}
_REQUESTED: Final[Mapping[str, Requested]] = {
    "BootNotification": Requested.BOOT,
    "FirmwareStatusNotification": Requested.FIRMWARE,
    "Heartbeat": Requested.HEARTBEAT,
    "LogStatusNotification": Requested.LOG,
    "MeterValues": Requested.METER_VALUES,
    "StatusNotification": Requested.STATUS,
    "TransactionEvent": Requested.TRANSACTION,
}
_TRIGGERED: Final[Mapping[Result, wire.TriggerMessageStatus]] = {
    Result.ACCEPTED: "Accepted",
    Result.NOT_IMPLEMENTED: "NotImplemented",
}
_UNLOCKED: Final[Mapping[Result, wire.UnlockStatus]] = {
    Result.UNLOCKED: "Unlocked",
    Result.ONGOING_TRANSACTION: "OngoingAuthorizedTransaction",
    Result.UNKNOWN_CONNECTOR: "UnknownConnector",
}
_RESET: Final[Mapping[Result, wire.ResetStatus]] = {
    Result.ACCEPTED: "Accepted",
    Result.SCHEDULED: "Scheduled",
}
_AVAILABILITY: Final[Mapping[Result, wire.ChangeAvailabilityStatus]] = {
    Result.ACCEPTED: "Accepted",
    Result.SCHEDULED: "Scheduled",
}
_GOT: Final[Mapping[Result, wire.GetVariableStatus]] = {
    Result.ACCEPTED: "Accepted",
    Result.UNKNOWN: "UnknownVariable",
    Result.UNKNOWN_COMPONENT: "UnknownComponent",
}
_SET: Final[Mapping[Result, wire.SetVariableStatus]] = {
    Result.ACCEPTED: "Accepted",
    Result.REBOOT_REQUIRED: "RebootRequired",
    Result.UNKNOWN: "UnknownVariable",
    Result.UNKNOWN_COMPONENT: "UnknownComponent",
}


class CodecV201:
    version: ClassVar = Version.V201
    requests: ClassVar = wire.REQUESTS
    responses: ClassVar = wire.RESPONSES
    unlocking_ends_transaction: ClassVar = False
    boots_on_trigger: ClassVar = False
    station_has_status: ClassVar = False
    names_transactions: ClassVar = True

    def password(self, setting: str) -> bytes:
        return setting.encode()

    def status_word(self, status: Status, plugged_in: bool) -> wire.ConnectorStatus:
        if status is Status.UNAVAILABLE:
            return "Unavailable"
        # A card that was accepted occupies nothing yet; a cable does (2.0.1 Part 2 §3.27).
        return "Occupied" if plugged_in else "Available"

    def request(self, message: words.Message, offline: bool, measurands: str) -> Payload | None:
        match message:
            case words.Boot():
                return wire.BootNotificationRequest(
                    reason=message.reason,
                    charging_station=wire.ChargingStation(
                        model="Simulator", vendor_name="Voltherd", firmware_version="1.0"
                    ),
                )
            case words.Heartbeat():
                return wire.HeartbeatRequest()
            case words.StatusChanged():
                if message.evse_id is None:
                    return None
                return wire.StatusNotificationRequest(
                    timestamp=timestamp(message.at),
                    connector_status=self.status_word(message.status, message.plugged_in),
                    evse_id=message.evse_id,
                    connector_id=_CONNECTOR,
                )
            case words.Authorize():
                return wire.AuthorizeRequest(id_token=_id_token(message.id_token))
            case words.TransactionEvent():
                return _transaction(message, offline, measurands)
            case words.MeterReport():
                return wire.MeterValuesRequest(
                    evse_id=message.evse_id,
                    meter_value=_meter_values(message.sample, "Trigger", message.at, measurands),
                )
            case words.NothingToReport(about="firmware"):
                return wire.FirmwareStatusNotificationRequest(status="Idle")
            case words.NothingToReport():
                return wire.LogStatusNotificationRequest(status="Idle")

    def answer(self, payload: Payload) -> words.Answer:
        match payload:
            case wire.BootNotificationResponse():
                return words.BootAnswer(registration=words.Registration(payload.status), interval_s=payload.interval)
            case wire.AuthorizeResponse():
                return words.TokenAnswer(accepted=payload.id_token_info.status == "Accepted")
            case wire.TransactionEventResponse(id_token_info=wire.IdTokenInfo() as told):
                return words.TokenAnswer(accepted=told.status == "Accepted")
            case wire.TransactionEventResponse():
                return words.TokenAnswer()
            case _:
                return words.Acknowledged()

    def command(self, payload: Payload) -> orders.Command:
        match payload:
            case wire.RequestStartTransactionRequest():
                return orders.RemoteStart(
                    id_token=words.IdToken(value=payload.id_token.id_token, type=payload.id_token.type),
                    evse_id=payload.evse_id,
                    remote_start_id=payload.remote_start_id,
                )
            case wire.RequestStopTransactionRequest():
                return orders.RemoteStop(transaction_id=payload.transaction_id)
            case wire.UnlockConnectorRequest():
                # An EVSE that cannot be stands for a connector that is not there.
                return orders.Unlock(evse_id=payload.evse_id if payload.connector_id == _CONNECTOR else -1)
            case wire.ResetRequest():
                return orders.Reset(
                    how="immediate" if payload.type == "Immediate" else "on_idle", evse_id=payload.evse_id
                )
            case wire.ChangeAvailabilityRequest():
                return orders.ChangeAvailability(
                    evse_id=None if payload.evse is None else payload.evse.id or None,
                    operative=payload.operational_status == "Operative",
                )
            case wire.GetVariablesRequest():
                return orders.GetSettings(
                    names=tuple(_name(asked.component, asked.variable) for asked in payload.get_variable_data)
                )
            case wire.SetVariablesRequest():
                return orders.SetSettings(
                    values=tuple(
                        (_name(asked.component, asked.variable, asked.attribute_type), asked.attribute_value)
                        for asked in payload.set_variable_data
                    )
                )
            case wire.TriggerMessageRequest():
                return orders.TriggerMessage(
                    requested=_REQUESTED.get(payload.requested_message, Requested.OTHER),
                    evse_id=None if payload.evse is None else payload.evse.id or None,
                )
            case wire.ClearCacheRequest():
                return orders.ClearCache()
            case wire.DataTransferRequest():
                return orders.DataTransfer(vendor_id=payload.vendor_id)
            case _:
                raise CannotObey

    def response(self, payload: Payload, outcome: Outcome) -> Payload:
        result = outcome.result
        accepted = result is Result.ACCEPTED
        match payload:
            case wire.RequestStartTransactionRequest():
                return wire.RequestStartTransactionResponse(status="Accepted" if accepted else "Rejected")
            case wire.RequestStopTransactionRequest():
                return wire.RequestStopTransactionResponse(status="Accepted" if accepted else "Rejected")
            case wire.UnlockConnectorRequest():
                return wire.UnlockConnectorResponse(status=_UNLOCKED.get(result, "UnlockFailed"))
            case wire.ResetRequest():
                return wire.ResetResponse(status=_RESET.get(result, "Rejected"))
            case wire.ChangeAvailabilityRequest():
                return wire.ChangeAvailabilityResponse(status=_AVAILABILITY.get(result, "Rejected"))
            case wire.GetVariablesRequest():
                asked = zip(payload.get_variable_data, outcome.settings, strict=True)
                return wire.GetVariablesResponse(get_variable_result=tuple(_got(*pair) for pair in asked))
            case wire.SetVariablesRequest():
                wanted = zip(payload.set_variable_data, outcome.settings, strict=True)
                return wire.SetVariablesResponse(set_variable_result=tuple(_set(*pair) for pair in wanted))
            case wire.TriggerMessageRequest():
                return wire.TriggerMessageResponse(status=_TRIGGERED.get(result, "Rejected"))
            case wire.ClearCacheRequest():
                return wire.ClearCacheResponse(status="Accepted" if accepted else "Rejected")
            case wire.DataTransferRequest():
                return wire.DataTransferResponse(status="UnknownVendorId")
            case _:
                raise CannotObey


def _transaction(event: words.TransactionEvent, offline: bool, measurands: str) -> Payload:
    transaction = event.transaction
    assert transaction.wire_id is not None
    started, ended = event.type == "Started", event.type == "Ended"
    return wire.TransactionEventRequest(
        event_type=event.type,
        timestamp=timestamp(event.at),
        trigger_reason=event.trigger,
        seq_no=event.seq_no,
        transaction_info=wire.Transaction(
            transaction_id=transaction.wire_id,
            charging_state=event.state,
            stopped_reason=_REASONS[event.stop_reason] if ended and event.stop_reason else None,
            remote_start_id=transaction.remote_start_id if started else None,
        ),
        meter_value=_meter_values(event.sample, event.context, event.at, measurands),
        offline=True if offline else None,
        evse=wire.Evse(id=transaction.evse_id, connector_id=_CONNECTOR),
        id_token=None if event.id_token is None else _id_token(event.id_token),
    )


def _meter_values(sample: Sample, context: words.Context, at: datetime, measurands: str) -> tuple[wire.MeterValue, ...]:
    sampled = tuple(
        wire.SampledValue(
            value=reading.value,
            context=context,
            measurand=reading.measurand,
            unit_of_measure=wire.UnitOfMeasure(unit=reading.unit),
            phase=reading.phase,
            location=reading.location,
        )
        for reading in readings(sample, measurands)
    )
    return (wire.MeterValue(timestamp=timestamp(at), sampled_value=sampled),)


def _id_token(token: words.IdToken) -> wire.IdToken:
    return wire.IdToken(id_token=token.value, type=token.type)


def _name(component: wire.Component, variable: wire.Variable, attribute: wire.Attribute | None = None) -> str:
    """The name under which the settings know it, or a name that they cannot know."""
    place = ""
    if component.evse is not None:
        connector_id = component.evse.connector_id
        place = f"@{component.evse.id}" + ("" if connector_id is None else f"/{connector_id}")
    instance = "" if component.instance is None else f":{component.instance}"
    detail = "" if variable.instance is None else f".{variable.instance}"
    other = "" if attribute in _ACTUAL else f"#{attribute}"
    return f"{component.name}{instance}{place}.{variable.name}{detail}{other}"


def _got(asked: wire.GetVariableData, found: SettingResult) -> wire.GetVariableResult:
    other = asked.attribute_type not in _ACTUAL
    return wire.GetVariableResult(
        attribute_status="NotSupportedAttributeType" if other else _GOT.get(found.result, "Rejected"),
        component=asked.component,
        variable=asked.variable,
        attribute_type=asked.attribute_type,
        attribute_value=None if other else found.value,
    )


def _set(asked: wire.SetVariableData, found: SettingResult) -> wire.SetVariableResult:
    other = asked.attribute_type not in _ACTUAL
    return wire.SetVariableResult(
        attribute_status="NotSupportedAttributeType" if other else _SET.get(found.result, "Rejected"),
        component=asked.component,
        variable=asked.variable,
        attribute_type=asked.attribute_type,
    )
