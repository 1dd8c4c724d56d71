"""Fulfils the ports in memory: a first-class twin for tests and demonstrations."""

from voltherd.adapters.memory.clock import SimulatedClock, SystemClock
from voltherd.adapters.memory.history import MemoryStore
from voltherd.adapters.memory.relay import InProcessRelay

__all__ = ["InProcessRelay", "MemoryStore", "SimulatedClock", "SystemClock"]
