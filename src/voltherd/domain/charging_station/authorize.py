"""A driver presents an id token before charging. 2.0.1 C01–C06, 1.6 §4.1."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from voltherd.domain.charging_station.state import ChargingStation, StationReport, charging_station
from voltherd.domain.id_token.state import AdministeredIdToken
from voltherd.domain.identification import Authorization, IdToken
from voltherd.domain.transaction.authorization import authorization_at, is_vouched_for
from voltherd.kernel.messages import Event, message, replace

_REMEMBERED = 16
"""How many answers a station's state keeps: enough for a message that is repeated."""


@message
class ReportAuthorization(StationReport):
    """An Authorize. `asked_id` names the message on its connection: told again, it is the same question."""

    id_token: IdToken
    asked_id: str


@message
class AuthorizationAnswered(Event):
    """An id token was presented, and this is what the station was told."""

    id_token: IdToken
    authorization: Authorization
    asked_id: str


@charging_station.decides
def decide(station: ChargingStation, report: ReportAuthorization, id_token: AdministeredIdToken) -> Sequence[Event]:
    if report.asked_id in station.authorizations:
        return ()
    vouched = is_vouched_for(station, report.id_token)
    authorization = authorization_at(id_token, report.id_token, report.at, vouched=vouched)
    return [AuthorizationAnswered(id_token=report.id_token, authorization=authorization, asked_id=report.asked_id)]


@charging_station.evolves
def evolve(station: ChargingStation, event: AuthorizationAnswered) -> ChargingStation:
    known = station.authorizations
    kept = dict(islice(known.items(), max(0, len(known) - _REMEMBERED + 1), None))
    return replace(station, authorizations={**kept, event.asked_id: event.authorization})
