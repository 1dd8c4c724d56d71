"""EVSEs and their connectors as an operator describes them (2.0.1 §3.13 ConnectorEnumType and its older names)."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge, Interval, Le, MinLen

from voltherd.kernel.messages import message

ConnectorType = Literal[
    "cCCS1", "cCCS2", "cG105", "cTesla", "cType1", "cType2", "s309-1P-16A", "s309-1P-32A", "s309-3P-16A", "s309-3P-32A",
    "sBS1361", "sCEE-7-7", "sType2", "sType3", "Other1PhMax16A", "Other1PhOver16A", "Other3Ph", "Pan", "wInductive",
    "wResonant", "Undetermined", "Unknown",
]  # fmt: skip

CONNECTOR_TYPE_ALIASES: dict[str, ConnectorType] = {
    # the seed's
    "Type2": "sType2", "Combo": "cCCS2", "TESLA": "cTesla",
    # the nineteen of the system that the seed belongs to
    "UNSPECIFIED": "Unknown", "C_TYPE_1": "cType1", "C_TYPE_2": "cType2", "S_TYPE_2": "sType2", "S_TYPE_3": "sType3",
    "C_CCS_1": "cCCS1", "C_CCS_2": "cCCS2", "C_G105": "cG105", "CEE_7_7": "sCEE-7-7", "S_BS1361": "sBS1361",
    "S_309_3P_16A": "s309-3P-16A", "S_309_1P_16A": "s309-1P-16A", "S_309_3P_32A": "s309-3P-32A",
    "S_309_1P_32A": "s309-1P-32A", "W_INDUCTIVE": "wInductive", "W_RESONANT": "wResonant",
    "OTHER_1_PH_MAX_16A": "Other1PhMax16A", "OTHER_3_PH": "Other3Ph",
    # OCPI's, where it has one name for one thing
    "IEC_62196_T1": "cType1", "IEC_62196_T2": "sType2", "IEC_62196_T3C": "sType3", "IEC_62196_T1_COMBO": "cCCS1",
    "IEC_62196_T2_COMBO": "cCCS2", "CHADEMO": "cG105", "TESLA_S": "cTesla", "DOMESTIC_F": "sCEE-7-7",
    "DOMESTIC_E": "sCEE-7-7", "DOMESTIC_G": "sBS1361", "IEC_60309_2_single_16": "s309-1P-16A",
    "IEC_60309_2_three_16": "s309-3P-16A", "IEC_60309_2_three_32": "s309-3P-32A", "PANTOGRAPH_BOTTOM_UP": "Pan",
    "PANTOGRAPH_TOP_DOWN": "Pan",
}  # fmt: skip

ChargingProtocol = Literal["UNSPECIFIED", "MODE1", "MODE2", "MODE3", "MODE4", "CHA_DE_MO"]
Current = Literal["UNSPECIFIED", "AC", "DC"]

ConnectorStatus = Literal["Available", "Occupied", "Reserved", "Unavailable", "Faulted"]


@message
class Connector:
    """A socket or cable of an EVSE. `max_amp` in A, `voltage` in V, `phase` the number of phases (0 for DC)."""

    connector_id: Annotated[int, Ge(1)] | None = None
    connector_type: ConnectorType = "Unknown"
    max_amp: Annotated[int, Interval(gt=0, le=100_000)] | None = None
    phase: Annotated[int, Ge(0), Le(3)] | None = None
    voltage: Annotated[int, Interval(gt=0, le=100_000)] | None = None
    charging_protocol: ChargingProtocol | None = None
    current: Current | None = None


@message
class Evse:
    """A part of a station that charges one vehicle at a time."""

    evse_id: Annotated[int, Ge(1)]
    connectors: Annotated[tuple[Connector, ...], MinLen(1)]
