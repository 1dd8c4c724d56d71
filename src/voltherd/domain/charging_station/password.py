"""The password by which a station proves who it is. 2.0.1 A00–A01 security profiles 1 and 2, 1.6 security whitepaper.

Passwords of stations are long and random (16 to 64 characters), so that a salted SHA-256 keeps them well, and a
thousand stations that reconnect at once cost no minute of hashing.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import field
from typing import Annotated

from annotated_types import Len

from voltherd.domain.charging_station.requests import StationOrder, completed
from voltherd.domain.charging_station.state import ChargingStation, Password, charging_station, require_known
from voltherd.kernel.messages import Event, message, replace


@message
class SetPassword(StationOrder):
    """Set the station's HTTP Basic password; null takes it away. It is checked at the next connection."""

    password: Annotated[str, Len(16, 64)] | None = field(metadata={"secret": True})


@message
class PasswordSet(Event):
    """The station has this password now, or (None) none."""

    password: Password | None = field(metadata={"secret": True})


@charging_station.decides
def decide(station: ChargingStation, command: SetPassword) -> Sequence[Event]:
    require_known(station, command.station)
    password = None if command.password is None else keep(command.password, salt=command.command_id)
    return [PasswordSet(password=password), completed(command, passwordSet=password is not None)]


@charging_station.evolves
def evolve(station: ChargingStation, event: PasswordSet) -> ChargingStation:
    return replace(station, password=event.password)


def keep(password: str, salt: str) -> Password:
    """What to keep of a password. 1.6's are often written as hex digits and sent as the bytes that these stand for."""
    spellings = [password.encode()]
    with contextlib.suppress(ValueError):
        spellings.append(bytes.fromhex(password))
    return Password(salt=salt, digests=tuple(_digest(salt, spelling) for spelling in spellings))


def fits(kept: Password, password: bytes | None) -> bool:
    """Compare as bytes: a password on the wire need not be text."""
    if password is None:
        return False
    digest = _digest(kept.salt, password)
    return any(hmac.compare_digest(digest, other) for other in kept.digests)


def _digest(salt: str, password: bytes) -> str:
    return hashlib.sha256(salt.encode() + b":" + password).hexdigest()
