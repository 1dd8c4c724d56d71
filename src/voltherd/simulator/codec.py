"""What a version must be able to say: the station's words as payloads, and payloads as the station's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Protocol

from voltherd.ocpp.payload import Payload, decode
from voltherd.ocpp.rpc import Version
from voltherd.simulator.orders import Command, Outcome
from voltherd.simulator.words import Answer, Message, Status


class CannotObey(Exception):
    """A command of the version that simulated stations do not know how to carry out."""


class Codec(Protocol):
    """One version of OCPP from the station's side. Payloads are the version's generated structs."""

    version: ClassVar[Version]
    requests: ClassVar[Mapping[str, type[Payload]]]
    responses: ClassVar[Mapping[str, type[Payload]]]
    # 1.6 ends the transaction and unlocks, 2.0.1 says that one is going on (F05.FR.02).
    unlocking_ends_transaction: ClassVar[bool]
    # 2.0.1 F06.FR.17; 1.6 leaves it open.
    boots_on_trigger: ClassVar[bool]
    # Whether the station as a whole has a status, and can be asked for one.
    station_has_status: ClassVar[bool]
    # Who names transactions: 2.0.1 the station, 1.6 the central system.
    names_transactions: ClassVar[bool]

    def password(self, setting: str) -> bytes:
        """Say what a password that was set over the wire is for Basic authentication."""

    def status_word(self, status: Status, plugged_in: bool) -> str:
        """Say what a connector's status is called: what reads the same is not reported again."""

    def request(self, message: Message, offline: bool, measurands: str) -> Payload | None:
        """Put a message into the version's words; None where the version says nothing about it."""

    def answer(self, payload: Payload) -> Answer:
        """Read what came back."""

    def command(self, payload: Payload) -> Command:
        """Read what the station is to do. Raises: CannotObey."""

    def response(self, payload: Payload, outcome: Outcome) -> Payload:
        """Put the outcome of the command that came as `payload` into the version's words."""


def timestamp(at: datetime) -> str:
    """Write an instant as both versions want it: UTC with a Z, to the millisecond."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def action_of(payload: Payload) -> str:
    """The action that a request struct belongs to: the generator names it `<Action>Request`."""
    return type(payload).__name__.removesuffix("Request")


def is_valid(raw: bytes, kind: type[Payload]) -> bool:
    """Whether what is about to be sent would be read back; structs check what they read, not what they are given."""
    decode(kind, raw)
    return True
