"""A station's settings: one table, with the names of both versions (1.6 §9 keys, 2.0.1 Part 2 appendix 3 variables)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Final, Literal

from voltherd.kernel.messages import message
from voltherd.simulator.orders import Result, SettingResult
from voltherd.simulator.vehicle import CurrentType, Outlet


@message
class Setting:
    """One line of the table; either name may be missing.

    `key` is 1.6's name, `variable` 2.0.1's as `Component[@evse[/connector]].Variable[.instance]`.
    """

    key: str | None
    variable: str | None
    value: str
    kind: Literal["integer", "boolean", "text"] = "text"
    access: Literal["read-write", "read-only", "write-only"] = "read-write"
    reboot_required: bool = False
    longest: int = 500
    shortest: int = 0

    def takes(self, value: str) -> bool:
        match self.kind:
            case "integer":
                return value.isascii() and value.isdigit() and len(value) < 10
            case "boolean":
                return value.lower() in ("true", "false")
            case "text":
                return self.shortest <= len(value) <= self.longest


HEARTBEAT_INTERVAL: Final = "HeartbeatInterval"
SAMPLE_INTERVAL: Final = "MeterValueSampleInterval"
CONNECTION_TIMEOUT: Final = "ConnectionTimeOut"
AUTHORIZE_REMOTE: Final = "AuthorizeRemoteTxRequests"
STOP_ON_INVALID_ID: Final = "StopTransactionOnInvalidId"
OFFLINE_UNKNOWN_ID: Final = "AllowOfflineTxForUnknownId"
MESSAGE_ATTEMPTS: Final = "TransactionMessageAttempts"
MESSAGE_RETRY_INTERVAL: Final = "TransactionMessageRetryInterval"
MEASURANDS: Final = "MeterValuesSampledData"
PASSWORD: Final = "AuthorizationKey"

_ALL_MEASURANDS: Final = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC"

_COMMON: Final = (
    Setting(
        key=HEARTBEAT_INTERVAL,
        variable="OCPPCommCtrlr.HeartbeatInterval",
        value="300",
        kind="integer",
    ),
    Setting(
        key=SAMPLE_INTERVAL,
        variable="SampledDataCtrlr.TxUpdatedInterval",
        value="30",
        kind="integer",
    ),
    Setting(
        key=MEASURANDS,
        variable="SampledDataCtrlr.TxUpdatedMeasurands",
        value=_ALL_MEASURANDS,
    ),
    Setting(key=CONNECTION_TIMEOUT, variable="TxCtrlr.EVConnectionTimeOut", value="60", kind="integer"),
    Setting(key=AUTHORIZE_REMOTE, variable="AuthCtrlr.AuthorizeRemoteStart", value="false", kind="boolean"),
    Setting(key=STOP_ON_INVALID_ID, variable="TxCtrlr.StopTxOnInvalidId", value="true", kind="boolean"),
    Setting(
        key=OFFLINE_UNKNOWN_ID,
        variable="AuthCtrlr.OfflineTxForUnknownIdEnabled",
        value="true",
        kind="boolean",
    ),
    Setting(
        key=MESSAGE_ATTEMPTS,
        variable="OCPPCommCtrlr.MessageAttempts.TransactionEvent",
        value="3",
        kind="integer",
    ),
    Setting(
        key=MESSAGE_RETRY_INTERVAL,
        variable="OCPPCommCtrlr.MessageAttemptInterval.TransactionEvent",
        value="10",
        kind="integer",
    ),
    Setting(
        key="WebSocketPingInterval",
        variable="OCPPCommCtrlr.WebSocketPingInterval",
        value="0",
        kind="integer",
        reboot_required=True,
    ),
    Setting(key="ClockAlignedDataInterval", variable="AlignedDataCtrlr.Interval", value="0", kind="integer"),
    Setting(key="LocalAuthorizeOffline", variable="AuthCtrlr.LocalAuthorizeOffline", value="true", kind="boolean"),
    Setting(key="LocalPreAuthorize", variable="AuthCtrlr.LocalPreAuthorize", value="false", kind="boolean"),
    Setting(
        key="StopTransactionOnEVSideDisconnect",
        variable="TxCtrlr.StopTxOnEVSideDisconnect",
        value="true",
        kind="boolean",
        access="read-only",
    ),
    Setting(
        key=PASSWORD,
        variable="SecurityCtrlr.BasicAuthPassword",
        value="",
        access="write-only",
        shortest=16,
        longest=40,
    ),
    Setting(
        key="SupportedFeatureProfiles",
        variable=None,
        value="Core,RemoteTrigger",
        access="read-only",
    ),
    Setting(key="GetConfigurationMaxKeys", variable=None, value="50", kind="integer", access="read-only"),
    Setting(key="ConnectorPhaseRotation", variable=None, value="NotApplicable"),
    Setting(key="ResetRetries", variable="OCPPCommCtrlr.ResetRetries", value="1", kind="integer"),
    Setting(key=None, variable="SecurityCtrlr.OrganizationName", value="Voltherd"),
    Setting(key=None, variable="TxCtrlr.TxStartPoint", value="PowerPathClosed", access="read-only"),
    Setting(key=None, variable="TxCtrlr.TxStopPoint", value="PowerPathClosed", access="read-only"),
    Setting(key=None, variable="ChargingStation.AllowReset", value="true", kind="boolean", access="read-only"),
    Setting(
        key=None,
        variable="DeviceDataCtrlr.ItemsPerMessage.GetVariables",
        value="50",
        kind="integer",
        access="read-only",
    ),
    Setting(
        key=None,
        variable="DeviceDataCtrlr.ItemsPerMessage.SetVariables",
        value="50",
        kind="integer",
        access="read-only",
    ),
)


def _of_hardware(outlets: Sequence[Outlet]) -> Iterable[Setting]:
    yield Setting(
        key="NumberOfConnectors",
        variable=None,
        value=str(len(outlets)),
        kind="integer",
        access="read-only",
    )
    yield Setting(key=None, variable="SecurityCtrlr.Identity", value="", access="read-only")
    for evse_id, outlet in enumerate(outlets, start=1):
        ac = outlet.current_type is CurrentType.AC
        yield Setting(key=None, variable=f"EVSE@{evse_id}.SupplyPhases", value="3" if ac else "0", access="read-only")
        yield Setting(
            key=None,
            variable=f"Connector@{evse_id}/1.ConnectorType",
            value="cType2" if ac else "cCCS2",
            access="read-only",
        )


# Tables and indexes are shared by all stations of the same make: there may be ten thousand.


@cache
def _table(outlets: tuple[Outlet, ...]) -> tuple[Setting, ...]:
    return (*_COMMON, *_of_hardware(outlets))


@cache
def _index(outlets: tuple[Outlet, ...]) -> tuple[Mapping[str, int], frozenset[str]]:
    """The place of each name, and the components there are."""
    places: dict[str, int] = {}
    components = set()
    for place, setting in enumerate(_table(outlets)):
        # The versions' names do not collide: 2.0.1's have a dot, 1.6's have none.
        for name in (setting.key, setting.variable):
            if name is not None:
                places[name.casefold()] = place
        if setting.variable is not None:
            components.add(setting.variable.split(".", 1)[0].casefold())
    return places, frozenset(components)


class Settings:
    """The table of one station. Names are compared without regard to case, as both versions want it."""

    def __init__(self, station_id: str, outlets: Sequence[Outlet]) -> None:
        self._settings = list(_table(tuple(outlets)))
        self._places, self._components = _index(tuple(outlets))
        self.write("SecurityCtrlr.Identity", station_id)

    def text(self, name: str) -> str:
        return self._settings[self._places[name.casefold()]].value

    def number(self, name: str) -> int:
        return int(self.text(name))

    def flag(self, name: str) -> bool:
        return self.text(name).lower() == "true"

    def key_of(self, name: str) -> str:
        """The one name among the versions' names for the same setting: 1.6's if it has one."""
        setting = self._settings[self._places[name.casefold()]]
        return setting.key or setting.variable or name

    def keys(self) -> tuple[str, ...]:
        """1.6's names."""
        return tuple(setting.key for setting in self._settings if setting.key is not None)

    def read(self, name: str) -> SettingResult:
        setting = self._find(name)
        if setting is None:
            return SettingResult(name=name, result=self._unknown(name))
        if setting.access == "write-only":
            return SettingResult(name=name, result=Result.REJECTED)
        return SettingResult(
            name=name,
            result=Result.ACCEPTED,
            value=setting.value,
            read_only=setting.access == "read-only",
        )

    def check(self, name: str, value: str) -> Result:
        """Say what `write` would come to."""
        setting = self._find(name)
        if setting is None:
            return self._unknown(name)
        if setting.access == "read-only" or not setting.takes(value):
            return Result.REJECTED
        return Result.REBOOT_REQUIRED if setting.reboot_required else Result.ACCEPTED

    def write(self, name: str, value: str) -> None:
        """Set it, whatever its access: what comes over the wire is checked first."""
        place = self._places[name.casefold()]
        self._settings[place] = replace(self._settings[place], value=value)

    def _find(self, name: str) -> Setting | None:
        place = self._places.get(name.casefold())
        return None if place is None else self._settings[place]

    def _unknown(self, name: str) -> Result:
        known = name.split(".", 1)[0].casefold() in self._components
        return Result.UNKNOWN if known or "." not in name else Result.UNKNOWN_COMPONENT
