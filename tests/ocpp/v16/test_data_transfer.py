"""DataTransfer of 1.6, sentence by sentence."""

from tests.support.wire import Wire


def test_is_of_an_unknown_vendor() -> None:
    answer = Wire("ocpp1.6").exchange("DataTransfer", '{"vendorId": "com.acme", "messageId": "x", "data": "y"}')
    assert answer == {"status": "UnknownVendorId"}
