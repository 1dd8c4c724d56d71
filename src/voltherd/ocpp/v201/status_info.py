"""Why a station said no, in its own words. 2.0.1 §2.44 StatusInfoType."""

from __future__ import annotations

from voltherd.ocpp.v201.payloads import StatusInfo


def detail_of(info: StatusInfo | None) -> str | None:
    """The reason code, and what the station adds to it."""
    if info is None:
        return None
    return info.reason_code if info.additional_info is None else f"{info.reason_code}: {info.additional_info}"
