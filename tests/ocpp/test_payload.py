"""A payload: what is read, what is written, and how what is wrong with one is named."""

from contextlib import suppress
from decimal import Decimal

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voltherd.ocpp.payload import CustomData, Fault, Payload, PayloadInvalid, decode, encode
from voltherd.ocpp.v16 import payloads as v16
from voltherd.ocpp.v21 import payloads as v21
from voltherd.ocpp.v201 import payloads as v201

METER_VALUES = '{"evseId": 1, "meterValue": [{"timestamp": "t", "sampledValue": [%s]}]}'
BATTERY = '{"evseId": 1, "serialNumber": "s", "soC": %s, "soH": 99.5}'
BATTERY_SWAP = (
    '{"eventType": "BatteryIn", "requestId": 1, "idToken": {"idToken": "i", "type": "Local"}, "batteryData": [%s]}'
)
SAMPLES = "/meterValue/0/sampledValue"


def refused(kind: type[Payload], text: str | bytes) -> tuple[Fault, str]:
    with pytest.raises(PayloadInvalid) as caught:
        decode(kind, text.encode() if isinstance(text, str) else text)
    assert caught.value.detail
    return caught.value.fault, caught.value.pointer


def read_value(text: str) -> Decimal:
    request = decode(v201.MeterValuesRequest, (METER_VALUES % f'{{"value": {text}}}').encode())
    return request.meter_value[0].sampled_value[0].value


# --- reading ----------------------------------------------------------------------------------------------


def test_is_read_from_bytes_and_from_a_window_into_a_frame() -> None:
    expected = v16.AuthorizeRequest(id_tag="A1")
    assert decode(v16.AuthorizeRequest, b'{"idTag": "A1"}') == expected
    assert decode(v16.AuthorizeRequest, msgspec.Raw(b'{"idTag": "A1"}')) == expected


@pytest.mark.parametrize("text", [b"{}", b"null", b" null\n"])
def test_may_be_null_for_an_empty_object(text: bytes) -> None:
    assert decode(v16.HeartbeatRequest, text) == v16.HeartbeatRequest()


def test_takes_null_for_an_absent_member() -> None:
    text = b'{"status": "Accepted", "customData": null, "statusInfo": null}'
    assert decode(v201.ResetResponse, text) == v201.ResetResponse(status="Accepted")


def test_takes_integral_floats_for_integers() -> None:
    text = b'{"connectorId": 1.0, "idTag": "A1", "meterStart": 1.2e3, "timestamp": "t"}'
    assert decode(v16.StartTransactionRequest, text) == v16.StartTransactionRequest(
        connector_id=1, id_tag="A1", meter_start=1200, timestamp="t"
    )


def test_takes_the_last_of_repeated_members() -> None:
    assert decode(v16.AuthorizeRequest, b'{"idTag": "A1", "idTag": "A2"}').id_tag == "A2"


@pytest.mark.parametrize("text", ["0.1", "1.10", "5", "-0.00000000000001", "123456789.123456789123", "1e3"])
def test_keeps_numbers_exact(text: str) -> None:
    assert str(read_value(text)) == str(Decimal(text))


def test_keeps_what_a_vendor_adds() -> None:
    text = b'{"customData":{"vendorId":"V","a":[1,null,0.10]}}'
    request = decode(v201.HeartbeatRequest, text)
    assert request.custom_data is not None
    assert request.custom_data.vendor_id == "V"
    assert dict(request.custom_data) == {"vendorId": "V", "a": [1, None, Decimal("0.1")]}
    assert encode(request) == text


@pytest.mark.parametrize("data", [b'"text"', b"[1,0.10]", b'{"a":null}', b"false", b"1E+400"])
def test_carries_data_of_any_type(data: bytes) -> None:
    text = b'{"vendorId":"V","data":' + data + b"}"
    assert encode(decode(v201.DataTransferRequest, text)) == text


# --- writing ----------------------------------------------------------------------------------------------


def test_is_written_without_absent_members() -> None:
    assert encode(v201.ResetResponse(status="Accepted")) == b'{"status":"Accepted"}'


def test_is_written_with_the_names_of_the_schema() -> None:
    limit = v21.ChargingScheduleUpdate(limit=Decimal("6.50"), limit_l2=Decimal("6"))
    assert encode(limit) == b'{"limit":6.50,"limit_L2":6}'


def test_is_written_with_a_vendors_addition() -> None:
    response = v201.HeartbeatResponse(current_time="t", custom_data=CustomData({"vendorId": "V", "x": 1}))
    assert encode(response) == b'{"currentTime":"t","customData":{"vendorId":"V","x":1}}'


def test_is_immutable() -> None:
    request = v16.AuthorizeRequest(id_tag="A1")
    with pytest.raises(AttributeError):
        request.id_tag = "A2"  # type: ignore[misc]


# --- what is wrong ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "fault", "pointer"),
    [
        (v16.AuthorizeRequest, "", Fault.SYNTAX, ""),
        (v16.AuthorizeRequest, '{"idTag": "A1"', Fault.SYNTAX, ""),
        (v16.AuthorizeRequest, '{"idTag": "A1"} x', Fault.SYNTAX, ""),
        (v16.AuthorizeRequest, '{"idTag": "A1",}', Fault.SYNTAX, ""),
        (v16.AuthorizeRequest, '{"idTag": "\\ud800"}', Fault.SYNTAX, ""),
        (v16.AuthorizeRequest, b'{"idTag": "\xff"}', Fault.SYNTAX, ""),
        (v16.AuthorizeRequest, '{"idTag": NaN}', Fault.SYNTAX, ""),
        (v16.AuthorizeRequest, '{"idTag": "A1", "x": 1}', Fault.UNKNOWN_FIELD, "/x"),
        (v16.AuthorizeRequest, '{"idTag": "A1", "a/b~c": 1}', Fault.UNKNOWN_FIELD, "/a~1b~0c"),
        (v16.AuthorizeRequest, '{"idTag": "A1", "": 1}', Fault.UNKNOWN_FIELD, "/"),
        (v16.AuthorizeRequest, '{"idtag": "A1"}', Fault.UNKNOWN_FIELD, "/idtag"),
        (v16.AuthorizeRequest, "{}", Fault.MISSING_FIELD, "/idTag"),
        (v201.HeartbeatRequest, '{"customData": {}}', Fault.MISSING_FIELD, "/customData/vendorId"),
        (v16.AuthorizeRequest, "null", Fault.MISSING_FIELD, "/idTag"),
        (v16.AuthorizeRequest, "[]", Fault.TYPE, ""),
        (v16.AuthorizeRequest, '{"idTag": 1}', Fault.TYPE, "/idTag"),
        (v16.AuthorizeRequest, '{"idTag": null}', Fault.TYPE, "/idTag"),
        (v16.CancelReservationRequest, '{"reservationId": "1"}', Fault.TYPE, "/reservationId"),
        (v16.CancelReservationRequest, '{"reservationId": true}', Fault.TYPE, "/reservationId"),
        (v16.CancelReservationRequest, '{"reservationId": 1.5}', Fault.TYPE, "/reservationId"),
        (v201.HeartbeatRequest, '{"customData": []}', Fault.TYPE, "/customData"),
        (v201.HeartbeatRequest, '{"customData": {"vendorId": 1}}', Fault.TYPE, "/customData"),
        (v16.AuthorizeRequest, '{"idTag": "123456789012345678901"}', Fault.PROPERTY, "/idTag"),
        (v16.ResetRequest, '{"type": "Warm"}', Fault.PROPERTY, "/type"),
        (v21.Evse, '{"id": -1}', Fault.PROPERTY, "/id"),
        (v201.MeterValuesRequest, METER_VALUES % '{"value": 1e99999999999999999999}', Fault.PROPERTY, ""),
        (v16.CancelReservationRequest, '{"reservationId": 1e400}', Fault.PROPERTY, "/reservationId"),
        (v21.BatterySwapRequest, BATTERY_SWAP % BATTERY % "100.5", Fault.PROPERTY, "/batteryData/0/soC"),
        (v21.BatterySwapRequest, BATTERY_SWAP % BATTERY % "-1", Fault.PROPERTY, "/batteryData/0/soC"),
        (v201.MeterValuesRequest, '{"evseId": 1, "meterValue": []}', Fault.OCCURRENCE, "/meterValue"),
        (v201.MeterValuesRequest, METER_VALUES % "", Fault.OCCURRENCE, SAMPLES),
    ],
)
def test_says_what_is_wrong_and_where(kind: type[Payload], text: str | bytes, fault: Fault, pointer: str) -> None:
    assert refused(kind, text) == (fault, pointer)


@pytest.mark.parametrize(
    ("samples", "fault", "pointer"),
    [
        ('{"value": 1, "x": 1}', Fault.UNKNOWN_FIELD, "/0/x"),
        ('{"value": 1}, {}', Fault.MISSING_FIELD, "/1/value"),
        ('{"value": "1.5"}', Fault.TYPE, "/0/value"),
        ('{"value": "NaN"}', Fault.TYPE, "/0/value"),
        ('{"value": true}', Fault.TYPE, "/0/value"),
        ('{"value": null}', Fault.TYPE, "/0/value"),
        ('{"value": {}}', Fault.TYPE, "/0/value"),
        ('{"value": 1e400}', Fault.PROPERTY, "/0/value"),
    ],
)
def test_says_what_is_wrong_and_where_deep_inside(samples: str, fault: Fault, pointer: str) -> None:
    assert refused(v201.MeterValuesRequest, METER_VALUES % samples) == (fault, SAMPLES + pointer)


def test_is_refused_when_nested_deeper_than_the_parser_goes() -> None:
    text = '{"vendorId": "V", "data": ' + "[" * 100_000
    assert refused(v201.DataTransferRequest, text) == (Fault.SYNTAX, "")


def test_is_refused_for_a_number_of_more_digits_than_python_reads() -> None:
    text = METER_VALUES % f'{{"value": {"9" * 5000}}}'
    assert refused(v201.MeterValuesRequest, text) == (Fault.PROPERTY, f"{SAMPLES}/0/value")


def test_is_refused_for_an_overlong_vendor() -> None:
    text = f'{{"customData": {{"vendorId": "{"V" * 256}"}}}}'
    assert refused(v201.HeartbeatRequest, text) == (Fault.PROPERTY, "/customData")


def test_is_refused_for_what_is_wrong_beside_an_integral_float() -> None:
    text = '{"connectorId": 1.0, "idTag": "A1", "meterStart": 0.5, "timestamp": "t"}'
    assert refused(v16.StartTransactionRequest, text) == (Fault.TYPE, "/meterStart")


def test_is_refused_when_a_list_is_too_long() -> None:
    curve = ", ".join(['{"x": 1, "y": 1}'] * 11)
    text = f'{{"priority": 1, "yUnit": "PctMaxW", "curveData": [{curve}]}}'
    assert refused(v21.DerCurve, text) == (Fault.OCCURRENCE, "/curveData")


@given(text=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode()))
@example(b'{"vendorId":"V","x` - at `$.y":1}')
@example(b'{"vendorId":"V","data":"x` - at `$.y"}')
@example(b'{"` - at `$[99999999999999999999]":1}')
def test_is_read_or_refused_whatever_it_is(text: bytes) -> None:
    with suppress(PayloadInvalid):
        decode(v201.DataTransferRequest, text)


def test_refuses_a_text_that_no_database_can_hold() -> None:
    with pytest.raises(PayloadInvalid, match="NUL") as refused:
        decode(v16.AuthorizeRequest, rb'{"idTag": "a\u0000b"}')
    assert refused.value.fault is Fault.PROPERTY


def test_takes_a_backslash_before_u0000_for_what_it_is() -> None:
    assert decode(v16.AuthorizeRequest, rb'{"idTag": "a\\u0000b"}').id_tag == r"a\u0000b"


@pytest.mark.parametrize("depth", [330, 900, 5000])
def test_refuses_such_a_text_however_deep_it_lies(depth: int) -> None:
    text = '{"vendorId": "V", "data": ' + "[" * depth + r'"\u0000"' + "]" * depth + "}"
    fault, pointer = refused(v201.DataTransferRequest, text)
    assert fault in (Fault.PROPERTY, Fault.SYNTAX)
    assert pointer == ""


def test_refuses_such_a_text_beside_a_number_beyond_every_double() -> None:
    assert refused(v201.DataTransferRequest, r'{"vendorId": "a\u0000", "data": 1e400}') == (Fault.PROPERTY, "")
