"""Authorize, without certificates. 2.0.1 C01–C06."""

from __future__ import annotations

from voltherd.domain.charging_station.authorize import ReportAuthorization
from voltherd.domain.charging_station.state import ChargingStation
from voltherd.ocpp.dialect.tables import Context
from voltherd.ocpp.v201.id_tokens import id_token_info, presented
from voltherd.ocpp.v201.payloads import AuthorizeRequest, AuthorizeResponse


def to_command(payload: AuthorizeRequest, context: Context) -> ReportAuthorization:
    return ReportAuthorization(
        at=context.at,
        by="station",
        station=context.station,
        id_token=presented(payload.id_token),
        asked_id=context.question(payload.id_token.id_token),
    )


def to_response(report: ReportAuthorization, _context: Context, station: ChargingStation) -> AuthorizeResponse:
    return AuthorizeResponse(id_token_info=id_token_info(station.authorizations[report.asked_id]))
