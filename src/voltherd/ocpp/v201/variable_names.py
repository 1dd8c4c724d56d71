"""One text for a variable: `Component.Variable`, or the 1.6 key that means it. 2.0.1 Part 2 appendix 3, 1.6 §9."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from voltherd.ocpp.v201.payloads import Component, Evse, Variable

# Component[instance][@evse[/connector]].Variable[instance]
_NAME = re.compile(
    r"(?P<component>[^.\[\]@]{1,50})(\[(?P<component_instance>[^\]]{1,50})\])?(@(?P<evse>\d+)(/(?P<connector>\d+))?)?"
    r"\.(?P<variable>[^.\[\]]{1,50})(\[(?P<variable_instance>[^\]]{1,50})\])?"
)

_KEYS_OF_16 = {
    "AuthorizeRemoteTxRequests": "AuthCtrlr.AuthorizeRemoteStart",
    "ClockAlignedDataInterval": "AlignedDataCtrlr.Interval",
    "ConnectionTimeOut": "TxCtrlr.EVConnectionTimeOut",
    "HeartbeatInterval": "OCPPCommCtrlr.HeartbeatInterval",
    "LocalAuthorizeOffline": "AuthCtrlr.LocalAuthorizeOffline",
    "LocalPreAuthorize": "AuthCtrlr.LocalPreAuthorize",
    "LocalAuthListEnabled": "LocalAuthListCtrlr.Enabled",
    "MeterValuesAlignedData": "AlignedDataCtrlr.Measurands",
    "MeterValuesSampledData": "SampledDataCtrlr.TxUpdatedMeasurands",
    "MeterValueSampleInterval": "SampledDataCtrlr.TxUpdatedInterval",
    "ResetRetries": "OCPPCommCtrlr.ResetRetries",
    "StopTransactionOnEVSideDisconnect": "TxCtrlr.StopTxOnEVSideDisconnect",
    "StopTransactionOnInvalidId": "TxCtrlr.StopTxOnInvalidId",
    "StopTxnAlignedData": "AlignedDataCtrlr.TxEndedMeasurands",
    "StopTxnSampledData": "SampledDataCtrlr.TxEndedMeasurands",
    "TransactionMessageAttempts": "OCPPCommCtrlr.MessageAttempts[TransactionEvent]",
    "TransactionMessageRetryInterval": "OCPPCommCtrlr.MessageAttemptInterval[TransactionEvent]",
    "WebSocketPingInterval": "OCPPCommCtrlr.WebSocketPingInterval",
    "AuthorizationCacheEnabled": "AuthCacheCtrlr.Enabled",
}


def find_variable(name: str) -> tuple[Component, Variable] | None:
    """The component and variable that the text names, None if it names none."""
    found = _NAME.fullmatch(_KEYS_OF_16.get(name, name))
    if found is None:
        return None
    evse = found["evse"]
    connector = found["connector"]
    return (
        Component(
            name=found["component"],
            instance=found["component_instance"],
            evse=Evse(id=int(evse), connector_id=int(connector) if connector else None) if evse else None,
        ),
        Variable(name=found["variable"], instance=found["variable_instance"]),
    )


def is_same(name: str, component: Component, variable: Variable) -> bool:
    """Whether the text names this variable; names are case-insensitive (2.0.1 Part 1 §4.1)."""
    found = find_variable(name)
    if found is None:
        return False
    return _folded(*found) == _folded(component, variable)


def find_variables(names: Iterable[str]) -> Mapping[str, tuple[Component, Variable]]:
    """What the names name, each variable once: asked twice in one message, a station may refuse all (B05, B06)."""
    found: dict[tuple[object, ...], tuple[str, tuple[Component, Variable]]] = {}
    for name in names:
        if (variable := find_variable(name)) is not None:
            found.setdefault(_folded(*variable), (name, variable))
    return dict(found.values())


def _folded(component: Component, variable: Variable) -> tuple[object, ...]:
    evse = component.evse
    texts = (component.name, component.instance or "", variable.name, variable.instance or "")
    return (*(text.casefold() for text in texts), evse and evse.id, evse and evse.connector_id)
