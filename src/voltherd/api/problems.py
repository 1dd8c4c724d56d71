"""Every "no" as RFC 9457 problem details, with a stable `code`, and JSON pointers where a body is to blame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from voltherd.kernel.messages import Refusal
from voltherd.ports.history import StoreUnavailableError, VersionConflictError

log = structlog.get_logger(__name__)

PROBLEM_TYPE = "application/problem+json"
_STATUS_OF_REFUSAL = {"conflict": 409, "missing": 404, "invalid": 422, "forbidden": 403}
_RETRY_AFTER_S = "2"
_MOST_ERRORS = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a body, and where (a JSON pointer into it)."""

    pointer: str
    detail: str


class Problem(Exception):
    """A "no" of the door itself."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        self.more = more or {}


def answer(request: Request, problem: Problem) -> Response:
    """The response that tells a problem."""
    details: dict[str, Any] = {
        "type": f"urn:voltherd:problem:{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "instance": request.url.path,
        "requestId": request.scope.get("request_id"),
        **problem.more,
    }
    if problem.errors:
        details["errors"] = [
            {"pointer": fault.pointer, "detail": fault.detail} for fault in problem.errors[:_MOST_ERRORS]
        ]
    return Response(
        msgspec.json.encode(details),
        status_code=problem.status,
        headers={"Cache-Control": "no-store", **problem.headers},
        media_type=PROBLEM_TYPE,
    )


def of_refusal(refusal: Refusal, pointer: str | None = None) -> Problem:
    """A decision's "no"; `pointer` says the place as the caller wrote it."""
    place = refusal.pointer if pointer is None else pointer
    errors = () if place is None else (Fault(place, refusal.detail),)
    return Problem(_STATUS_OF_REFUSAL.get(refusal.kind, 409), refusal.code, refusal.detail, errors=errors)


def tell_problems(app: FastAPI) -> None:
    """Have every exception that may reach the door's edge told as a problem."""
    app.add_exception_handler(Problem, _tell)
    app.add_exception_handler(Refusal, _tell)
    app.add_exception_handler(HTTPException, _tell)
    app.add_exception_handler(StoreUnavailableError, _tell)
    app.add_exception_handler(VersionConflictError, _tell)


async def _tell(request: Request, error: Exception) -> Response:
    return answer(request, _problem(request, error))


def _problem(request: Request, error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case Refusal():
            log.info("request_refused", code=error.code, detail=error.detail)
            return of_refusal(error)
        case HTTPException(status_code=404):
            return Problem(404, "path_unknown", f"there is nothing at {request.url.path}")
        case HTTPException(status_code=405):
            allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
            detail = f"{request.method} is not possible here, only {allowed}"
            return Problem(405, "method_not_allowed", detail, headers={"Allow": allowed})
        case HTTPException():
            return Problem(error.status_code, "refused", error.detail, headers=error.headers)
        case VersionConflictError():
            log.warning("request_overtaken", reason=str(error))
            detail = "others change the same thing too often; nothing has happened, try again"
            return Problem(503, "overtaken", detail, headers={"Retry-After": _RETRY_AFTER_S})
        case _:
            log.warning("request_without_store", reason=str(error))
            detail = "the database cannot be reached now; nothing has happened, try again"
            return Problem(503, "store_unavailable", detail, headers={"Retry-After": _RETRY_AFTER_S})
