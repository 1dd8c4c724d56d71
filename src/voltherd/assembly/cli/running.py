"""Run something until it is told to stop: Ctrl-C and SIGTERM end it in order, a second Ctrl-C at once."""

from __future__ import annotations

import gc
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")


def run_until_stopped(work: Callable[[asyncio.Event], Awaitable[T]]) -> T:
    """Run the work in an event loop of its own; the event that it is given is set when it shall end."""
    import asyncio

    import uvloop

    async def main() -> T:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()

        def end(number: int) -> None:
            stop.set()
            # Whoever presses Ctrl-C again does not want to wait for the order.
            loop.remove_signal_handler(number)

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end, number)
        return await work(stop)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main())


@contextmanager
def importing() -> Iterator[None]:
    """Import in here without looks for garbage: what is imported stays, and a tenth of the time is saved."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def stop_after(seconds: float | None, stop: asyncio.Event) -> None:
    """Have it end after so long from now, if there is a limit."""
    import asyncio

    if seconds is not None:
        asyncio.get_running_loop().call_later(seconds, stop.set)


def settings_from(**given: Any) -> Any:
    """The settings: what was given on the command line, else the environment, else the defaults.

    Raises:
        Failed: they make no sense; in one line.
    """
    with importing():
        from pydantic import ValidationError

        from voltherd.assembly.cli.failures import USAGE, Failed
        from voltherd.assembly.settings import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, fault['loc']))} {fault['msg']}".strip() for fault in error.errors())
        raise Failed("; ".join(fault.replace("Value error, ", "") for fault in faults), USAGE) from error
