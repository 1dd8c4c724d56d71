"""Start a transaction from afar. 2.0.1 F01, F02; 1.6 §5.11."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import timedelta
from typing import Annotated, ClassVar

from annotated_types import Ge

from voltherd.domain.charging_station.requests import START, Json, Request, Requested, StationRequest
from voltherd.domain.charging_station.state import (
    ChargingStation,
    charging_station,
    require_accepted,
    require_evse,
)
from voltherd.domain.id_token.state import AdministeredIdToken, authorize
from voltherd.domain.identification import IdToken
from voltherd.kernel.messages import Event, Refusal, message, replace


class IdTokenRefused(Refusal):
    """The id token is administered and may not charge."""

    code: ClassVar[str] = "id_token_refused"


@message
class StartTransaction(StationRequest):
    """Ask the station to start charging for an id token; completed when its transaction has begun, or was claimed.

    The operator vouches for a token that nobody administers; a blocked or expired one is refused. Whether the EVSE is
    free the station says: a transaction whose end it never told (its memory was lost) must not block the EVSE for ever.
    """

    aliases: ClassVar[tuple[str, ...]] = ("RequestStartTransaction", "RemoteStartTransaction")
    synonyms: ClassVar[dict[str, str]] = {"identifyingToken": "idToken", "connectorId": "evseId"}
    priority: ClassVar[int] = START
    effect_within: ClassVar[timedelta | None] = timedelta(minutes=3)

    id_token: IdToken
    evse_id: Annotated[int, Ge(1)] | None = None
    remote_start_id: int = field(default=0, metadata={"internal": True})

    @staticmethod
    def adapt(payload: Mapping[str, object]) -> Mapping[str, object]:
        """Read a token as bare text and as the historic `{token: …}` too; EVSE 0 leaves the choice to the station."""
        token = payload.get("idToken")
        if isinstance(token, str):
            payload = {**payload, "idToken": {"idToken": token}}
        elif isinstance(token, Mapping) and "token" in token:
            payload = {**payload, "idToken": {"idToken": token["token"]}}
        return {k: v for k, v in payload.items() if not (k == "evseId" and v in (0, "0"))}

    def effect(self, station: ChargingStation, request: Request) -> Json | None:
        named = (request.result or {}).get("transactionId")  # by a 2.x station where the cable came first
        for running in station.transactions.values():
            if running.transaction_id == named:
                found = True
            elif running.remote_start_id is not None:
                found = running.remote_start_id == self.remote_start_id
            else:
                found = (
                    request.sent_at is not None
                    and running.opened_at >= request.sent_at
                    and self.evse_id in (None, running.evse_id)
                    and running.id_token == self.id_token.folded
                )
            if found:
                return {"transactionId": running.transaction_id, "evseId": running.evse_id}
        return None


@charging_station.decides
def decide(station: ChargingStation, command: StartTransaction, id_token: AdministeredIdToken) -> Sequence[Event]:
    require_accepted(station, command.station)
    require_evse(station, command.station, command.evse_id or 0, "/evseId")
    status = authorize(id_token, command.at).status
    if status not in ("Accepted", "Unknown"):
        raise IdTokenRefused(f"id token {command.id_token.id_token} is {status.lower()}", pointer="/idToken")
    return [Requested(command=replace(command, remote_start_id=station.requests_taken + 1))]
