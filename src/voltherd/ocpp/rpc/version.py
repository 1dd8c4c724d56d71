"""The versions of OCPP that Voltherd speaks, by their WebSocket subprotocol (1.6J and 2.x Part 4 §3.1.2)."""

from enum import StrEnum


class Version(StrEnum):
    V16 = "ocpp1.6"
    V201 = "ocpp2.0.1"
    V21 = "ocpp2.1"
