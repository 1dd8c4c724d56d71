"""Run the policies: read history in order from where we stopped, and command what each policy makes of an event."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import get_origin

import structlog

from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.kernel.messages import Command, Refusal
from voltherd.kernel.readmodel import Told
from voltherd.ports.history import EventStore, Recorded, StoreUnavailableError

log = structlog.get_logger(__name__)

READER = "policies"
_PAGE = 500
_SAVE_EVERY = 500
_LOOK_EVERY_S = 2.0
_RETRY_S = 1.0


class Reactions:
    """One reader of history. After a crash it may see an event twice: decisions can be repeated, that does no harm.

    A commit of this node wakes it only if a policy waits for one of its events; what other nodes commit, and all that
    no policy waits for, is read in one go `look_every` so many seconds.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        store: EventStore,
        *,
        retry_after: float = _RETRY_S,
        look_every: float = _LOOK_EVERY_S,
    ) -> None:
        self._dispatcher = dispatcher
        self._store = store
        self._retry_after = retry_after
        self._look_every = look_every
        self._woken = asyncio.Event()
        policies = dispatcher.catalog.policies
        events = dispatcher.catalog.events
        self._types = {name for name, kind in events.items() if (get_origin(kind) or kind) in policies}
        dispatcher.listen(self._hear)
        self._saved = 0
        self.position = 0

    async def run(self) -> None:
        """React until cancelled; on the way out remember how far we came."""
        found = None
        while found is None:
            try:
                found = await self._start()
            except StoreUnavailableError:
                await asyncio.sleep(self._retry_after)
        self.position = self._saved = found
        try:
            while True:
                try:
                    await self._step()
                except StoreUnavailableError as error:
                    log.warning("reactions_waited", reason=str(error))
                    await asyncio.sleep(self._retry_after)
                except Exception:
                    log.exception("reactions_failed", position=self.position)
                    await asyncio.sleep(self._retry_after)
        finally:
            with contextlib.suppress(StoreUnavailableError):  # then we begin a little earlier, which does no harm
                await self._save()

    async def _start(self) -> int:
        # A history without a reader's mark is new, or was made before there were policies: begin at its beginning.
        return await self._store.checkpoint(READER) or 0

    def _hear(self, told: Sequence[Told]) -> None:
        policies = self._dispatcher.catalog.policies
        if any(type(one.fact) in policies for one in told):
            self._woken.set()

    async def _step(self) -> None:
        self._woken.clear()
        newest = await self._store.last_position()
        page = await self._store.read(self.position, _PAGE, self._types)
        for recorded in page:
            await self._react(recorded)
            self.position = recorded.position
        if len(page) < _PAGE:
            self.position = max(self.position, newest)  # nothing else up to there is anybody's business
        if self.position - self._saved >= _SAVE_EVERY:
            await self._save()
        if len(page) < _PAGE:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._look_every):
                    await self._woken.wait()

    async def _save(self) -> None:
        await self._store.save_checkpoint(READER, self.position)
        self._saved = self.position

    async def _react(self, recorded: Recorded) -> None:
        catalog = self._dispatcher.catalog
        for policy in catalog.policies.get(type(recorded.event), ()):
            told = recorded.told(catalog)
            try:
                commands: Sequence[Command] = tuple(policy(recorded.event, told))
            except Exception:
                log.exception("policy_failed", policy=policy.__name__)
                continue
            for command in commands:
                try:
                    await self._dispatcher.handle(command)
                except Refusal as refusal:
                    log.info("reaction_refused", policy=policy.__name__, code=refusal.code)
                except StoreUnavailableError:
                    raise
                except Exception:
                    log.exception("policy_failed", policy=policy.__name__)
