"""DataTransfer of 2.0.1, sentence by sentence."""

import pytest

from tests.support.wire import Wire


@pytest.mark.parametrize("data", ['"text"', "1", "[1, null]", '{"any": {"thing": true}}'])
def test_is_of_an_unknown_vendor(data: str) -> None:
    answer = Wire("ocpp2.0.1").exchange("DataTransfer", f'{{"vendorId": "com.acme", "data": {data}}}')
    assert answer == {"status": "UnknownVendorId"}
