"""Good frames of both versions, as rich as stations send them: what mutations begin with.

`ours` is the id of the call that is open towards the station.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from voltherd.ocpp.rpc import Version

AT = "2026-03-01T12:00:00Z"

_SAMPLES_16 = [
    {"value": "1234.5"},
    {
        "value": "12",
        "context": "Sample.Periodic",
        "format": "Raw",
        "measurand": "Energy.Active.Import.Register",
        "phase": "L1",
        "location": "Outlet",
        "unit": "kWh",
    },
    {"value": "OCMF|{}|00", "format": "SignedData"},
    {"value": "16", "measurand": "Current.Import", "unit": "A"},
]
_VALUES_16 = [{"timestamp": AT, "sampledValue": _SAMPLES_16}]
_VALUES_201 = [
    {
        "timestamp": AT,
        "sampledValue": [
            {"value": 1234.5},
            {
                "value": 12,
                "context": "Sample.Periodic",
                "measurand": "Energy.Active.Import.Register",
                "phase": "L1-N",
                "location": "Outlet",
                "unitOfMeasure": {"unit": "kWh", "multiplier": 1},
                "signedMeterValue": {
                    "signedMeterData": "MTIz",
                    "signingMethod": "",
                    "encodingMethod": "OCMF",
                    "publicKey": "",
                },
            },
        ],
    }
]

_CALLS_16: Sequence[tuple[str, Any]] = (
    ("Heartbeat", {}),
    ("Heartbeat", None),
    (
        "BootNotification",
        {
            "chargePointVendor": "Acme",
            "chargePointModel": "One",
            "chargePointSerialNumber": "S-1",
            "chargeBoxSerialNumber": "B-1",
            "firmwareVersion": "1.0",
            "iccid": "89",
            "imsi": "26",
            "meterType": "M",
            "meterSerialNumber": "M-1",
        },
    ),
    (
        "StatusNotification",
        {
            "connectorId": 1,
            "errorCode": "NoError",
            "info": "fine",
            "status": "Available",
            "timestamp": AT,
            "vendorId": "Acme",
            "vendorErrorCode": "0",
        },
    ),
    ("StatusNotification", {"connectorId": 0, "errorCode": "NoError", "status": "Faulted"}),
    ("Authorize", {"idTag": "TAG"}),
    (
        "StartTransaction",
        {"connectorId": 1, "idTag": "TAG", "meterStart": 1000, "reservationId": 7, "timestamp": AT},
    ),
    ("MeterValues", {"connectorId": 1, "transactionId": 1, "meterValue": _VALUES_16}),
    ("MeterValues", {"connectorId": 0, "meterValue": _VALUES_16}),
    (
        "StopTransaction",
        {
            "idTag": "TAG",
            "meterStop": 5000,
            "timestamp": AT,
            "transactionId": 1,
            "reason": "Local",
            "transactionData": _VALUES_16,
        },
    ),
    ("DataTransfer", {"vendorId": "Acme", "messageId": "m", "data": "d"}),
    ("SecurityEventNotification", {"type": "SettingSystemTime", "timestamp": AT, "techInfo": "t"}),
    ("FirmwareStatusNotification", {"status": "Installed"}),
    ("DiagnosticsStatusNotification", {"status": "Uploaded"}),
    ("SignCertificate", {"csr": "-----BEGIN"}),
    ("Reset", {"type": "Hard"}),
    ("TransactionEvent", {}),
)

_EVSE = {"id": 1, "connectorId": 1}
_TOKEN = {
    "idToken": "TAG",
    "type": "ISO14443",
    "additionalInfo": [{"additionalIdToken": "X", "type": "more"}],
    "customData": {"vendorId": "Acme", "deep": {"er": [1, None, True]}},
}


def _transaction(event: str, seq_no: int, **info: Any) -> tuple[str, Any]:
    payload = {
        "eventType": event,
        "timestamp": AT,
        "triggerReason": "MeterValuePeriodic",
        "seqNo": seq_no,
        "offline": False,
        "numberOfPhasesUsed": 3,
        "cableMaxCurrent": 32,
        "reservationId": 7,
        "transactionInfo": {"transactionId": "tx-1", "chargingState": "Charging", "remoteStartId": 5, **info},
        "idToken": _TOKEN,
        "evse": _EVSE,
        "meterValue": _VALUES_201,
    }
    return "TransactionEvent", payload


_CALLS_201: Sequence[tuple[str, Any]] = (
    ("Heartbeat", {}),
    ("Heartbeat", {"customData": {"vendorId": "Acme"}}),
    (
        "BootNotification",
        {
            "reason": "PowerUp",
            "chargingStation": {
                "model": "One",
                "vendorName": "Acme",
                "serialNumber": "S-1",
                "firmwareVersion": "1.0",
                "modem": {"iccid": "89", "imsi": "26"},
            },
        },
    ),
    ("StatusNotification", {"timestamp": AT, "connectorStatus": "Available", "evseId": 1, "connectorId": 1}),
    ("Authorize", {"idToken": _TOKEN}),
    _transaction("Started", 0),
    _transaction("Updated", 1),
    _transaction("Ended", 2, stoppedReason="Local", timeSpentCharging=60),
    ("MeterValues", {"evseId": 1, "meterValue": _VALUES_201}),
    ("DataTransfer", {"vendorId": "Acme", "messageId": "m", "data": {"any": ["thing", 1.5]}}),
    ("SecurityEventNotification", {"type": "SettingSystemTime", "timestamp": AT, "techInfo": "t"}),
    ("FirmwareStatusNotification", {"status": "Installed", "requestId": 1}),
    ("NotifyReport", {"requestId": 1, "generatedAt": AT, "seqNo": 0, "tbc": False}),
    ("Reset", {"type": "Immediate", "evseId": 1}),
    ("StartTransaction", {}),
)

_OTHERS: Sequence[Any] = (
    [3, "ours", {"status": "Accepted"}],
    [3, "other", {"status": "Accepted"}],
    [4, "ours", "InternalError", "it hurts", {}],
    [4, "-1", "RpcFrameworkError", "", {}],
    [5, "ours", "FormatViolation", "", {}],
    [6, "s-1", "NotifyPeriodicEventStream", {}],
    [7, "x", {}],
)


def _frames(calls: Sequence[tuple[str, Any]]) -> Sequence[str]:
    called = [[2, f"m-{number}", action, payload] for number, (action, payload) in enumerate(calls)]
    return [json.dumps(frame, separators=(",", ":")) for frame in (*called, *_OTHERS)]


CORPUS: Mapping[Version, Sequence[str]] = {Version.V16: _frames(_CALLS_16), Version.V201: _frames(_CALLS_201)}
