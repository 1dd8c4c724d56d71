"""A transaction's energy by its row in the picture, and whether that is all: rather `incomplete` than wrong."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from voltherd.readmodels.meter_values import number

ROUNDING_WH = 100
"""How far samples may be off the registers of start and end: kWh with one decimal, taken a moment apart."""


def energy_wh(row: Mapping[str, Any]) -> int | float | None:
    """What was charged (Wh), None where a register is missing or lies below the first."""
    start, end = row["meter_start_wh"], _end_wh(row)
    return None if end is None or start is None or end < start else number(Decimal(end) - start)


def _end_wh(row: Mapping[str, Any]) -> Any:
    """The register at the end, or where that is not known, in the newest sample."""
    return row["meter_stop_wh"] if row["meter_stop_wh"] is not None else row["last_meter_wh"]


def incomplete(row: Mapping[str, Any]) -> bool:
    """While it runs a lost start can be told, and what contradicts itself; once ended, also what else was lost."""
    if row["started_at"] is None or row["doubted"] or _contradicts_itself(row):
        return True
    if row["status"] != "ended":
        return False
    return row["meter_start_wh"] is None or row["meter_stop_wh"] is None or _lacks_messages(row)


def _contradicts_itself(row: Mapping[str, Any]) -> bool:
    """Whether the register fell, or samples lie beyond what start and end enclose: a reset, or another's samples."""
    start, stop = row["meter_start_wh"], row["meter_stop_wh"]
    if row["register_fell"] or (start is not None and stop is not None and stop < start):
        return True
    lowest, newest = row["lowest_meter_wh"], row["last_meter_wh"]
    if start is not None and lowest is not None and lowest < start - ROUNDING_WH:
        return True
    return stop is not None and newest is not None and newest > stop + ROUNDING_WH


def _lacks_messages(row: Mapping[str, Any]) -> bool:
    """Whether the station's numbers (2.x) leave room for messages that were never heard.

    Each number from the first to the end's must have come once. One that came with two instants was begun anew, and
    may hide a lost one; a station that gives every message the same number says nothing by it.
    """
    last, numbers = row["last_seq_no"], row["heard_seq_nos"]
    if last is None or numbers <= 1:
        return False
    expected = last - row["first_heard_seq_no"] + 1
    return not (row["heard_messages"] == numbers == expected and row["last_heard_seq_no"] == last)
