"""Id tokens as stations present them and the answers that they get (1.6 §7.14, 2.0.1 §2.18)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from annotated_types import Len

from voltherd.kernel.messages import message

IdTokenType = Literal[
    "Central",
    "eMAID",
    "ISO14443",
    "ISO15693",
    "KeyCode",
    "Local",
    "MacAddress",
    "NoAuthorization",
    "Unspecified",
]
"""2.0.1's types; `Unspecified` stands for a 1.6 idTag, which has none."""

AuthorizationStatus = Literal["Accepted", "Blocked", "Expired", "Unknown", "ConcurrentTx"]


@message
class IdToken:
    """What identifies a driver: the text (compared case-insensitively) and its type."""

    id_token: Annotated[str, Len(1, 255)]
    type: IdTokenType = "Unspecified"

    @property
    def folded(self) -> str:
        """The text as it is compared: without case (1.6 §7.28 CiString) and without blanks around it."""
        return self.id_token.strip().casefold()


@message
class Authorization:
    """The answer for an id token at one instant: what a station is told."""

    status: AuthorizationStatus
    group_id_token: str | None = None
    expires_at: datetime | None = None

    @property
    def accepted(self) -> bool:
        return self.status == "Accepted"
