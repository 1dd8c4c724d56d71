"""A dialect of OCPP as a link uses it: tables of actions, and the requests of a station as calls."""

from voltherd.ocpp.dialect.requests import OpenRequest, abandoned, next_request
from voltherd.ocpp.dialect.stations import (
    STATION,
    frame_seen,
    heard,
    is_welcome,
    last_epoch,
    password_fits,
    report_connected,
    report_disconnected,
    report_unknown,
    state_of,
)
from voltherd.ocpp.dialect.tables import CallRefused, Context, Dialect, Reading

__all__ = [
    "STATION",
    "CallRefused",
    "Context",
    "Dialect",
    "OpenRequest",
    "Reading",
    "abandoned",
    "frame_seen",
    "heard",
    "is_welcome",
    "last_epoch",
    "next_request",
    "password_fits",
    "report_connected",
    "report_disconnected",
    "report_unknown",
    "state_of",
]
