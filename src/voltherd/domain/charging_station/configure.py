"""What an operator says a station has and how it shall be set: topology and settings. The seed's Configure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Len, MinLen

from voltherd.domain.charging_station.requests import StationOrder, completed
from voltherd.domain.charging_station.state import ChargingStation, Setting, charging_station, require_known
from voltherd.domain.connector import CONNECTOR_TYPE_ALIASES, Connector, Evse
from voltherd.kernel.messages import Event, Refusal, message, replace

SettingKey = Annotated[str, Len(1, 256)]
SettingValue = Annotated[str, Len(0, 2500)]


@message
class FlatConnector(Connector):
    """The seed's flat shape: one connector that is an EVSE of its own, of the same number."""

    connector_id: Annotated[int, Ge(1)]


@message
class Configuration:
    """Topology in one of its two shapes, settings, or both; `settings_mode` `replace` forgets keys not named."""

    evses: Annotated[tuple[Evse, ...], MinLen(1)] | None = None
    connectors: Annotated[tuple[FlatConnector, ...], MinLen(1)] | None = None
    settings: Mapping[SettingKey, SettingValue] | None = None
    settings_mode: Literal["merge", "replace"] = "merge"
    push: bool = True


@message
class Configure(StationOrder):
    """Replace the station's topology, set desired settings, or both; allowed before the station is accepted.

    Settings are pushed to the station as soon as it is accepted and connected, unless `push` is false.
    """

    aliases: ClassVar[tuple[str, ...]] = ("ConfigureChargingStation",)

    evses: Annotated[tuple[Evse, ...], MinLen(1)] | None = None
    connectors: Annotated[tuple[FlatConnector, ...], MinLen(1)] | None = None
    settings: Mapping[SettingKey, SettingValue] | None = None
    settings_mode: Literal["merge", "replace"] = "merge"
    push: bool = True

    @staticmethod
    def adapt(payload: Mapping[str, object]) -> Mapping[str, object]:
        return adapt_configuration(payload)


class NothingToConfigure(Refusal):
    """Neither topology nor settings were given."""

    code: ClassVar[str] = "nothing_to_configure"
    kind: ClassVar[str] = "invalid"


class TopologyAmbiguous(Refusal):
    """Both shapes were given, or one id twice."""

    code: ClassVar[str] = "topology_ambiguous"
    kind: ClassVar[str] = "invalid"


class EvseInUse(Refusal):
    """A transaction runs on an EVSE that would disappear."""

    code: ClassVar[str] = "evse_in_use"


@message
class TopologyConfigured(Event):
    """The station's EVSEs and connectors, all of them."""

    evses: tuple[Evse, ...]


@message
class SettingsDesired(Event):
    """How the station shall be set. With `replace`, settings that are not named are no longer desired."""

    settings: Mapping[str, str]
    settings_mode: Literal["merge", "replace"] = field(default="merge")
    push: bool = True


def adapt_configuration(payload: Mapping[str, object]) -> Mapping[str, object]:
    """Read older names of connector types, and scalars as setting values (kept as text)."""
    adapted = dict(payload)
    if isinstance(evses := payload.get("evses"), Sequence):
        adapted["evses"] = [
            {**evse, "connectors": _adapt_connectors(evse.get("connectors"))} if isinstance(evse, Mapping) else evse
            for evse in evses
        ]
    if "connectors" in payload:
        adapted["connectors"] = _adapt_connectors(payload["connectors"])
    if isinstance(settings := payload.get("settings"), Mapping):
        adapted["settings"] = {key: _as_text(value) for key, value in settings.items()}
    return {key: value for key, value in adapted.items() if value is not None}


def _adapt_connectors(connectors: object) -> object:
    if not isinstance(connectors, Sequence) or isinstance(connectors, str):
        return connectors
    return [_adapt_connector(connector) if isinstance(connector, Mapping) else connector for connector in connectors]


def _adapt_connector(connector: Mapping[str, object]) -> Mapping[str, object]:
    name = connector.get("connectorType", connector.get("type"))
    others = {key: value for key, value in connector.items() if key not in ("connectorType", "type")}
    if name is None:
        return others
    return {
        **others,
        "connectorType": CONNECTOR_TYPE_ALIASES.get(name, name) if isinstance(name, str) else name,
    }


def _as_text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def configuration_events(
    station: ChargingStation, configuration: Configuration | Configure, pointer: str = ""
) -> list[Event]:
    """The facts of a configuration.

    Raises:
        NothingToConfigure, TopologyAmbiguous, EvseInUse: see there.
    """
    if configuration.evses is None and configuration.connectors is None and configuration.settings is None:
        raise NothingToConfigure("give evses or connectors, settings, or both", pointer=pointer)
    events: list[Event] = []
    if (evses := _evses(configuration, pointer)) is not None:
        kept = {evse.evse_id for evse in evses}
        for running in station.transactions.values():
            if running.evse_id in station.evses and running.evse_id not in kept:
                raise EvseInUse(
                    f"transaction {running.transaction_id} runs on EVSE {running.evse_id}, which would be removed",
                    pointer=f"{pointer}/evses",
                )
        events.append(TopologyConfigured(evses=evses))
    if configuration.settings is not None:
        events.append(
            SettingsDesired(
                settings=configuration.settings,
                settings_mode=configuration.settings_mode,
                push=configuration.push,
            )
        )
    return events


def _evses(configuration: Configuration | Configure, pointer: str) -> tuple[Evse, ...] | None:
    if configuration.evses is not None and configuration.connectors is not None:
        raise TopologyAmbiguous("give evses or connectors, not both", pointer=f"{pointer}/connectors")
    if configuration.connectors is not None:
        evses = tuple(
            Evse(
                evse_id=flat.connector_id,
                connectors=(
                    Connector(
                        connector_id=1,
                        connector_type=flat.connector_type,
                        max_amp=flat.max_amp,
                        phase=flat.phase,
                        voltage=flat.voltage,
                        charging_protocol=flat.charging_protocol,
                        current=flat.current,
                    ),
                ),
            )
            for flat in configuration.connectors
        )
    elif configuration.evses is not None:
        evses = tuple(replace(evse, connectors=tuple(_numbered(evse, pointer))) for evse in configuration.evses)
    else:
        return None
    if len({evse.evse_id for evse in evses}) < len(evses):
        shape = "evses" if configuration.evses is not None else "connectors"
        raise TopologyAmbiguous("an id is given twice", pointer=f"{pointer}/{shape}")
    return tuple(sorted(evses, key=lambda evse: evse.evse_id))


def _numbered(evse: Evse, pointer: str) -> Sequence[Connector]:
    connectors = [
        connector if connector.connector_id is not None else replace(connector, connector_id=number)
        for number, connector in enumerate(evse.connectors, start=1)
    ]
    if len({connector.connector_id for connector in connectors}) < len(connectors):
        raise TopologyAmbiguous(f"EVSE {evse.evse_id} names a connector twice", pointer=f"{pointer}/evses")
    return connectors


@charging_station.decides
def decide(station: ChargingStation, command: Configure) -> Sequence[Event]:
    require_known(station, command.station)
    return [*configuration_events(station, command), completed(command)]


@charging_station.evolves
def evolve_topology(station: ChargingStation, event: TopologyConfigured) -> ChargingStation:
    return replace(station, evses={evse.evse_id: evse for evse in event.evses})


@charging_station.evolves
def evolve_settings(station: ChargingStation, event: SettingsDesired) -> ChargingStation:
    kept = station.settings if event.settings_mode == "merge" else {}
    desired = {
        key: Setting(desired=value, outcome="pending" if event.push else "unpushed")
        for key, value in event.settings.items()
    }
    return replace(station, settings={**kept, **desired})
