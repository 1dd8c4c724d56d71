"""OCPP 1.6 from the station's side."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final

from voltherd.ocpp.payload import Payload
from voltherd.ocpp.rpc import Version
from voltherd.ocpp.v16 import payloads as wire
from voltherd.simulator import orders, words
from voltherd.simulator.codec import CannotObey, timestamp
from voltherd.simulator.meter import Sample, readings
from voltherd.simulator.orders import Outcome, Requested, Result, SettingResult
from voltherd.simulator.words import Status, StopReason

# What stations send that never learnt the id (Delta, Hager; see docs on quirks).
_NO_TRANSACTION: Final = -1

_STATUSES: Final[Mapping[Status, wire.StatusNotificationStatus]] = {
    Status.AVAILABLE: "Available",
    Status.PREPARING: "Preparing",
    Status.CHARGING: "Charging",
    Status.SUSPENDED_EV: "SuspendedEV",
    Status.FINISHING: "Finishing",
    Status.UNAVAILABLE: "Unavailable",
}
_REASONS: Final[Mapping[StopReason, wire.StopTransactionReason]] = {
    StopReason.DEAUTHORIZED: "DeAuthorized",
    StopReason.EV_DISCONNECTED: "EVDisconnected",
    StopReason.IMMEDIATE_RESET: "HardReset",
    StopReason.SOFT_RESET: "SoftReset",
    StopReason.LOCAL: "Local",
    StopReason.REMOTE: "Remote",
    StopReason.BATTERY_FULL: "Other",
    StopReason.UNLOCK_COMMAND: "UnlockCommand",
}
_REQUESTED: Final[Mapping[str, Requested]] = {
    "BootNotification": Requested.BOOT,
    "DiagnosticsStatusNotification": Requested.DIAGNOSTICS,
    "FirmwareStatusNotification": Requested.FIRMWARE,
    "Heartbeat": Requested.HEARTBEAT,
    "MeterValues": Requested.METER_VALUES,
    "StatusNotification": Requested.STATUS,
}
_TRIGGERED: Final[Mapping[Result, wire.TriggerMessageStatus]] = {
    Result.ACCEPTED: "Accepted",
    Result.NOT_IMPLEMENTED: "NotImplemented",
}
_UNLOCKED: Final[Mapping[Result, wire.UnlockConnectorStatus]] = {
    Result.UNLOCKED: "Unlocked",
    Result.UNKNOWN_CONNECTOR: "NotSupported",
}
_CHANGED: Final[Mapping[Result, wire.ChangeConfigurationStatus]] = {
    Result.ACCEPTED: "Accepted",
    Result.REBOOT_REQUIRED: "RebootRequired",
    Result.UNKNOWN: "NotSupported",
}
_AVAILABILITY: Final[Mapping[Result, wire.ChangeAvailabilityStatus]] = {
    Result.ACCEPTED: "Accepted",
    Result.SCHEDULED: "Scheduled",
}


class CodecV16:
    version: ClassVar = Version.V16
    requests: ClassVar = wire.REQUESTS
    responses: ClassVar = wire.RESPONSES
    unlocking_ends_transaction: ClassVar = True
    boots_on_trigger: ClassVar = True
    station_has_status: ClassVar = True
    names_transactions: ClassVar = False

    def password(self, setting: str) -> bytes:
        # AuthorizationKey is given as hex digits of the bytes that are meant (security whitepaper §2.6); some
        # central systems send the text itself.
        try:
            return bytes.fromhex(setting)
        except ValueError:
            return setting.encode()

    def status_word(self, status: Status, plugged_in: bool) -> wire.StatusNotificationStatus:
        return _STATUSES[status]

    def request(self, message: words.Message, offline: bool, measurands: str) -> Payload | None:
        match message:
            case words.Boot():
                return wire.BootNotificationRequest(
                    charge_point_vendor="Voltherd",
                    charge_point_model="Simulator",
                    firmware_version="1.0",
                    meter_type="simulated",
                )
            case words.Heartbeat():
                return wire.HeartbeatRequest()
            case words.StatusChanged():
                return wire.StatusNotificationRequest(
                    connector_id=message.evse_id or 0,
                    error_code="NoError",
                    status=self.status_word(message.status, message.plugged_in),
                    timestamp=timestamp(message.at),
                )
            case words.Authorize():
                return wire.AuthorizeRequest(id_tag=message.id_token.value)
            case words.TransactionEvent():
                return _transaction(message, measurands)
            case words.MeterReport():
                return wire.MeterValuesRequest(
                    connector_id=message.evse_id,
                    meter_value=_meter_values(message.sample, "Trigger", message.at, measurands),
                )
            case words.NothingToReport(about="firmware"):
                return wire.FirmwareStatusNotificationRequest(status="Idle")
            case words.NothingToReport():
                return wire.DiagnosticsStatusNotificationRequest(status="Idle")

    def answer(self, payload: Payload) -> words.Answer:
        match payload:
            case wire.BootNotificationResponse():
                return words.BootAnswer(registration=words.Registration(payload.status), interval_s=payload.interval)
            case wire.AuthorizeResponse():
                return words.TokenAnswer(accepted=payload.id_tag_info.status == "Accepted")
            case wire.StartTransactionResponse():
                return words.TokenAnswer(
                    accepted=payload.id_tag_info.status == "Accepted",
                    transaction_id=str(payload.transaction_id),
                )
            case _:
                return words.Acknowledged()

    def command(self, payload: Payload) -> orders.Command:
        match payload:
            case wire.RemoteStartTransactionRequest():
                return orders.RemoteStart(
                    id_token=words.IdToken(value=payload.id_tag),
                    evse_id=payload.connector_id,
                    remote_start_id=None,
                )
            case wire.RemoteStopTransactionRequest():
                return orders.RemoteStop(transaction_id=str(payload.transaction_id))
            case wire.UnlockConnectorRequest():
                return orders.Unlock(evse_id=payload.connector_id)
            case wire.ResetRequest():
                return orders.Reset(how="immediate" if payload.type == "Hard" else "graceful")
            case wire.ChangeAvailabilityRequest():
                return orders.ChangeAvailability(
                    evse_id=payload.connector_id or None, operative=payload.type == "Operative"
                )
            case wire.GetConfigurationRequest():
                return orders.GetSettings(names=payload.key or ())
            case wire.ChangeConfigurationRequest():
                return orders.SetSettings(values=((payload.key, payload.value),))
            case wire.TriggerMessageRequest():
                return orders.TriggerMessage(
                    requested=_REQUESTED[payload.requested_message], evse_id=payload.connector_id or None
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
            case wire.RemoteStartTransactionRequest():
                return wire.RemoteStartTransactionResponse(status="Accepted" if accepted else "Rejected")
            case wire.RemoteStopTransactionRequest():
                return wire.RemoteStopTransactionResponse(status="Accepted" if accepted else "Rejected")
            case wire.UnlockConnectorRequest():
                return wire.UnlockConnectorResponse(status=_UNLOCKED.get(result, "UnlockFailed"))
            case wire.ResetRequest():
                return wire.ResetResponse(status="Accepted" if accepted else "Rejected")
            case wire.ChangeAvailabilityRequest():
                return wire.ChangeAvailabilityResponse(status=_AVAILABILITY.get(result, "Rejected"))
            case wire.GetConfigurationRequest():
                return _configuration(outcome)
            case wire.ChangeConfigurationRequest():
                changed = outcome.settings[0].result
                return wire.ChangeConfigurationResponse(status=_CHANGED.get(changed, "Rejected"))
            case wire.TriggerMessageRequest():
                return wire.TriggerMessageResponse(status=_TRIGGERED.get(result, "Rejected"))
            case wire.ClearCacheRequest():
                return wire.ClearCacheResponse(status="Accepted" if accepted else "Rejected")
            case wire.DataTransferRequest():
                return wire.DataTransferResponse(status="UnknownVendorId")
            case _:
                raise CannotObey


def _transaction(event: words.TransactionEvent, measurands: str) -> Payload:
    transaction = event.transaction
    register_wh = event.sample.register_wh
    wire_id = _NO_TRANSACTION if transaction.wire_id is None else int(transaction.wire_id)
    match event.type:
        case "Started":
            return wire.StartTransactionRequest(
                connector_id=transaction.evse_id,
                id_tag=transaction.id_token.value,
                meter_start=register_wh,
                timestamp=timestamp(event.at),
            )
        case "Updated":
            return wire.MeterValuesRequest(
                connector_id=transaction.evse_id,
                transaction_id=wire_id,
                meter_value=_meter_values(event.sample, event.context, event.at, measurands),
            )
        case "Ended":
            return wire.StopTransactionRequest(
                transaction_id=wire_id,
                meter_stop=register_wh,
                timestamp=timestamp(event.at),
                id_tag=None if event.id_token is None else event.id_token.value,
                reason=None if event.stop_reason is None else _REASONS[event.stop_reason],
            )


def _meter_values(sample: Sample, context: words.Context, at: datetime, measurands: str) -> tuple[wire.MeterValue, ...]:
    sampled = tuple(
        wire.SampledValue(
            value=str(reading.value),
            context=context,
            measurand=reading.measurand,
            unit=reading.unit,
            phase=reading.phase,
            location=reading.location,
        )
        for reading in readings(sample, measurands)
    )
    return (wire.MeterValue(timestamp=timestamp(at), sampled_value=sampled),)


def _configuration(outcome: Outcome) -> wire.GetConfigurationResponse:
    # Rejected is a key that can only be written: known, but without a value to show.
    readable = (Result.ACCEPTED, Result.REJECTED)
    known = tuple(_configuration_key(found) for found in outcome.settings if found.result in readable)
    unknown = tuple(found.name for found in outcome.settings if found.result not in readable)
    return wire.GetConfigurationResponse(configuration_key=known or None, unknown_key=unknown or None)


def _configuration_key(found: SettingResult) -> wire.ConfigurationKey:
    return wire.ConfigurationKey(key=found.name, readonly=found.read_only, value=found.value)
