"""What the tests of simulated stations share: each behaviour is tried in both versions."""

import pytest

from tests.simulator.desk import Desk
from voltherd.ocpp.rpc import Version


@pytest.fixture(params=[Version.V16, Version.V201], ids=str)
def version(request: pytest.FixtureRequest) -> Version:
    return Version(request.param)


@pytest.fixture
def desk(version: Version) -> Desk:
    """A station that has just booted, at a simulated speed of a minute a second."""
    switched_on = Desk(version).switch_on()
    switched_on.forget()
    return switched_on
