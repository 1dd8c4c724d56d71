"""A station's call, sentence by sentence: what a dialect does not understand gets the exact code of its version."""

import pytest

from tests.support.wire import Wire

OLD, NEW = "ocpp1.6", "ocpp2.0.1"

# A StatusNotification with one thing wrong, and its code.
WRONG = {
    OLD: [
        ("no JSON", '{"connectorId": ', "FormationViolation"),
        ("no object", "[]", "TypeConstraintViolation"),
        ("more than there is", '{"connectorId": 1, "errorCode": "NoError", "status": "Available", "x": 1}',
         "FormationViolation"),
        ("less than there must be", '{"connectorId": 1, "errorCode": "NoError"}', "ProtocolError"),
        ("another type", '{"connectorId": "one", "errorCode": "NoError", "status": "Available"}',
         "TypeConstraintViolation"),
        ("a word of its own", '{"connectorId": 1, "errorCode": "NoError", "status": "Sleepy"}',
         "PropertyConstraintViolation"),
        ("too long a text", '{"connectorId": 1, "errorCode": "NoError", "status": "Faulted", "info": "%s"}'
         % ("x" * 51), "PropertyConstraintViolation"),
    ],
    NEW: [
        ("no JSON", '{"evseId": ', "FormatViolation"),
        ("no object", "[]", "TypeConstraintViolation"),
        ("more than there is", '{"timestamp": "2026-03-01T12:00:00Z", "evseId": 1, "connectorId": 1,'
         ' "connectorStatus": "Available", "x": 1}', "FormatViolation"),
        ("less than there must be", '{"timestamp": "2026-03-01T12:00:00Z", "evseId": 1, "connectorId": 1}',
         "OccurrenceConstraintViolation"),
        ("another type", '{"timestamp": 1, "evseId": 1, "connectorId": 1, "connectorStatus": "Available"}',
         "TypeConstraintViolation"),
        ("a word of its own", '{"timestamp": "2026-03-01T12:00:00Z", "evseId": 1, "connectorId": 1,'
         ' "connectorStatus": "Preparing"}', "PropertyConstraintViolation"),
        ("a time of its own", '{"timestamp": "noon", "evseId": 1, "connectorId": 1, "connectorStatus": "Available"}',
         "PropertyConstraintViolation"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("protocol", [OLD, NEW])
def test_is_not_implemented_where_no_version_knows_the_action(protocol: str) -> None:
    assert Wire(protocol).refused("MakeCoffee", "{}") == ("NotImplemented", "this action is not known")


@pytest.mark.parametrize(("protocol", "action"), [(OLD, "TransactionEvent"), (NEW, "StartTransaction")], ids=[OLD, NEW])
def test_is_not_implemented_where_only_another_version_knows_the_action(protocol: str, action: str) -> None:
    assert Wire(protocol).refused(action, "{}")[0] == "NotImplemented"


@pytest.mark.parametrize("protocol", [OLD, NEW])
def test_is_not_supported_where_we_have_no_use_for_the_action(protocol: str) -> None:
    payload = '{"type": "Hard"}' if protocol == OLD else '{"type": "Immediate"}'
    assert Wire(protocol).refused("Reset", payload) == ("NotSupported", "this action is not supported")


@pytest.mark.parametrize("protocol", [OLD, NEW])
def test_is_first_of_all_malformed_though_we_had_no_use_for_it(protocol: str) -> None:
    assert Wire(protocol).refused("Reset", '{"type": "Gently"}')[0] == "PropertyConstraintViolation"


@pytest.mark.parametrize(
    ("protocol", "payload", "code"),
    [pytest.param(p, text, code, id=f"{p} {name}") for p, cases in WRONG.items() for name, text, code in cases],
)
def test_that_is_malformed_gets_the_code_of_its_version(protocol: str, payload: str, code: str) -> None:
    assert Wire(protocol).refused("StatusNotification", payload)[0] == code


def test_with_too_few_or_too_many_gets_the_code_of_its_version() -> None:
    old = '{"connectorId": 1, "meterValue": [{"timestamp": "2026-03-01T12:00:00Z", "sampledValue": []}]}'
    assert Wire(OLD).refused("MeterValues", old)[0] == "OccurenceConstraintViolation"
    assert Wire(NEW).refused("MeterValues", '{"evseId": 1, "meterValue": []}')[0] == "OccurrenceConstraintViolation"


def test_is_refused_by_the_place_of_what_is_wrong_within_255_characters() -> None:
    payload = '{"connectorId": 1, "errorCode": "NoError", "status": "%s"}' % ("x" * 400)
    _, description = Wire(OLD).refused("StatusNotification", payload)
    assert description.startswith("/status: ")
    assert len(description) <= 255
