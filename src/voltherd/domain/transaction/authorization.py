"""Who may charge: the administered token, and the operator who vouches for one in a remote start. 2.0.1 C, E01."""

from __future__ import annotations

from datetime import datetime

from voltherd.domain.charging_station.start_transaction import StartTransaction
from voltherd.domain.charging_station.state import ChargingStation
from voltherd.domain.id_token.state import AdministeredIdToken, authorize
from voltherd.domain.identification import Authorization, IdToken


def authorization_at(
    administered: AdministeredIdToken, id_token: IdToken, at: datetime, *, vouched: bool
) -> Authorization:
    """What a station is told when it presents the token at this instant.

    An operator's word (`vouched`) stands for a token that nobody administers, not against what is administered.
    """
    if id_token.type == "NoAuthorization":  # a start button or free charging: nobody is asked (2.0.1 C02)
        return Authorization(status="Accepted")
    authorization = authorize(administered, at)
    if authorization.status == "Unknown" and vouched:
        return Authorization(status="Accepted")
    return authorization


def is_vouched_for(station: ChargingStation, id_token: IdToken) -> bool:
    """Whether an operator asked for a start with the token: until that is over, and while what it started runs."""
    return any(
        isinstance(request.command, StartTransaction) and request.command.id_token.folded == id_token.folded
        for request in station.requests.values()
    ) or any(running.vouched and running.id_token == id_token.folded for running in station.transactions.values())
