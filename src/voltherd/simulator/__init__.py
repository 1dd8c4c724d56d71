"""Simulated charging stations, for demonstrations, tests and load: they charge, obey, fail and come back.

`station` is behaviour without I/O, `battery` and `meter` its physics, `codec_v16` and `codec_v201` its languages;
`client` puts one on a WebSocket, `fleet` many.
"""

from voltherd.simulator.client import SimulatedStation
from voltherd.simulator.drivers import Plan
from voltherd.simulator.faults import FAULTS, NO_FAULTS, Faults, faults_named
from voltherd.simulator.fleet import BOTH_VERSIONS, DEFAULT_ID_TOKENS, Fleet, FleetReport, run_fleet
from voltherd.simulator.state import EvseState, StationState
from voltherd.simulator.vehicle import AC_11_KW, AC_22_KW, DC_50_KW, DC_150_KW, CurrentType, Outlet, Vehicle
from voltherd.simulator.words import IdToken, Status

__all__ = [
    "AC_11_KW",
    "AC_22_KW",
    "BOTH_VERSIONS",
    "DC_50_KW",
    "DC_150_KW",
    "DEFAULT_ID_TOKENS",
    "FAULTS",
    "NO_FAULTS",
    "CurrentType",
    "EvseState",
    "Faults",
    "Fleet",
    "FleetReport",
    "IdToken",
    "Outlet",
    "Plan",
    "SimulatedStation",
    "StationState",
    "Status",
    "Vehicle",
    "faults_named",
    "run_fleet",
]
