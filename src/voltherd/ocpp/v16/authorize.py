"""Authorize. 1.6 §4.1."""

from __future__ import annotations

from voltherd.domain.charging_station.authorize import ReportAuthorization
from voltherd.domain.charging_station.state import ChargingStation
from voltherd.domain.identification import IdToken
from voltherd.ocpp.dialect.tables import Context
from voltherd.ocpp.v16.id_tags import id_tag_info
from voltherd.ocpp.v16.payloads import AuthorizeRequest, AuthorizeResponse


def to_command(payload: AuthorizeRequest, context: Context) -> ReportAuthorization:
    return ReportAuthorization(
        at=context.at,
        by="station",
        station=context.station,
        id_token=IdToken(id_token=payload.id_tag),
        asked_id=context.question(payload.id_tag),
    )


def to_response(report: ReportAuthorization, _context: Context, station: ChargingStation) -> AuthorizeResponse:
    return AuthorizeResponse(id_tag_info=id_tag_info(station.authorizations[report.asked_id]))
