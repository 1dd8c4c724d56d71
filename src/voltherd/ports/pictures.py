"""Reading the pictures: a query of a read model in, rows out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Pictures(Protocol):
    """The read models' tables, as of the last commit."""

    async def fetch(self, query: Any) -> Sequence[Mapping[str, Any]]:
        """Run a query; rows by column name.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        ...
