"""What all tests share: the databases they may use and how long hypothesis may think."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.contracts.places import Schema

IN_CI = "CI" in os.environ

# hypothesis has a profile of its own for CI; at a desk, other work on the machine must not fail a test.
settings.register_profile("desk", deadline=None)
if not IN_CI:
    settings.load_profile("desk")


@pytest.fixture(scope="session")
def postgresql_url() -> str:
    """The address of a PostgreSQL database that tests may fill and empty; in CI it must be there."""
    url = os.environ.get("VOLTHERD_TEST_POSTGRESQL")
    if url:
        return url
    reason = "needs PostgreSQL: set VOLTHERD_TEST_POSTGRESQL to the URL of a database to fill and empty"
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def schema(postgresql_url: str) -> Iterator[str]:
    """The address of an empty schema on the PostgreSQL server."""
    schema = Schema(postgresql_url)
    schema.create()
    yield schema.url
    schema.drop()
