"""How stations are set: what is wished, what they said, what became of the wish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, String, Table, Text

from voltherd.domain.charging_station.configure import SettingsDesired
from voltherd.domain.charging_station.variables import VariablesReported
from voltherd.kernel.readmodel import Change, Part, ReadModel, Told
from voltherd.readmodels.tables import STATION, metadata, update_by, upsert

settings_table = Table(
    "settings",
    metadata,
    Column("operator", String(48), primary_key=True),
    Column("station_id", String(48), primary_key=True),
    Column("key", String(256), primary_key=True),
    Column("desired", Text),
    Column("reported", Text),
    Column("outcome", String(20)),
)

_FORGET_DESIRES = update_by(settings_table, STATION, desired=None, outcome=None)
_DESIRE = upsert(settings_table, "desired", "outcome")
_OUTCOME = update_by(settings_table, (*STATION, "key"), "outcome").where(settings_table.c.desired.is_not(None))
_VALUE = upsert(settings_table, "reported")


def project(told: Told) -> Iterable[Change]:
    row = {"operator": told.key.operator, "station_id": told.key.station_id}
    named = {f"key_{name}": value for name, value in row.items()}
    match told.fact:
        case SettingsDesired() as desired:
            yield from _project_settings(desired, row, named)
        case VariablesReported() as reported:
            yield from _project_variables(reported, row, named)


def _project_settings(desired: SettingsDesired, row: Mapping[str, str], named: Mapping[str, str]) -> Iterable[Change]:
    if desired.settings_mode == "replace":
        yield _FORGET_DESIRES, named
    outcome = "pending" if desired.push else "unpushed"
    for name, value in desired.settings.items():
        yield _DESIRE, {**row, "key": name, "desired": value, "outcome": outcome}


def _project_variables(
    reported: VariablesReported, row: Mapping[str, str], named: Mapping[str, str]
) -> Iterable[Change]:
    for variable in reported.variables:
        if reported.asked == "set":
            yield _OUTCOME, {**named, "key_key": variable.name, "outcome": variable.outcome}
        if variable.outcome == "accepted" and (reported.asked == "get" or variable.value is not None):
            yield _VALUE, {**row, "key": variable.name, "reported": variable.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingDocument:
    """A setting: what is wished, what the station last said, what became of the wish."""

    desired: str | None
    reported: str | None
    outcome: str | None


def _settings(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, SettingDocument]:
    return {
        row["key"]: SettingDocument(desired=row["desired"], reported=row["reported"], outcome=row["outcome"])
        for row in rows
    }


settings = ReadModel(
    name="settings",
    tables=(settings_table,),
    project=project,
    facts=(SettingsDesired, VariablesReported),
)

settings_part = Part(
    name="settings",
    table=settings_table,
    by={"operator": "operator", "station_id": "station_id"},
    collect=_settings,
    order=(settings_table.c.key,),
)
