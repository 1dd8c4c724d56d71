import msgspec
import pytest

from voltherd.client import Conflict, Fault, Invalid, Missing, NotAllowed, Problem, Trouble, errors


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Invalid),
        (401, NotAllowed),
        (403, NotAllowed),
        (404, Missing),
        (405, Problem),
        (409, Conflict),
        (415, Invalid),
        (422, Invalid),
        (500, Trouble),
        (503, Trouble),
    ],
)
def test_tell_one_no_from_another(status: int, kind: type[Problem]) -> None:
    assert type(errors.problem(status, b"{}")) is kind


def test_carry_what_the_server_said() -> None:
    told = {"code": "payload_invalid", "detail": "no", "errors": [{"pointer": "/1/evseId", "detail": "is required"}]}
    problem = errors.problem(422, msgspec.json.encode(told))
    assert (problem.status, problem.code, problem.detail) == (422, "payload_invalid", "no")
    assert problem.faults == (Fault("/1/evseId", "is required"),)


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"[]", b'{"errors": 3}'])
def test_survive_answers_that_are_none_of_ours(body: bytes) -> None:
    problem = errors.problem(502, body)
    assert (problem.code, problem.detail) == ("http_502", "HTTP status 502")
