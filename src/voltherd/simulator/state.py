"""How a station is doing, for those who watch it: tests, the fleet's statistics, the command line."""

from collections.abc import Mapping

from voltherd.kernel.messages import message
from voltherd.simulator.codec import Codec
from voltherd.simulator.evse import Evse
from voltherd.simulator.words import Registration, Status


@message
class EvseState:
    """`status` is the version's word; `transaction_id` the wire's, None until it is known (1.6)."""

    status: Status
    status_word: str
    plugged_in: bool
    charging: bool
    in_transaction: bool
    transaction_id: str | None
    register_wh: int
    delivered_wh: int
    power_w: int
    soc_percent: int | None


@message
class StationState:
    """`waiting` counts what has not been answered yet; `boots` the boots that were accepted."""

    connected: bool
    registration: Registration | None
    boots: int
    waiting: int
    evses: Mapping[int, EvseState]

    @property
    def accepted(self) -> bool:
        return self.registration is Registration.ACCEPTED

    @property
    def ready(self) -> bool:
        """Whether the station is connected, accepted, and has said all it has to say."""
        return self.connected and self.accepted and self.waiting == 0

    @property
    def charging(self) -> int:
        return sum(evse.charging for evse in self.evses.values())

    @property
    def delivered_wh(self) -> int:
        return sum(evse.delivered_wh for evse in self.evses.values())


def evse_state(evse: Evse, codec: Codec) -> EvseState:
    return EvseState(
        status=evse.status,
        status_word=codec.status_word(evse.status, evse.plugged_in),
        plugged_in=evse.plugged_in,
        charging=evse.power_w > 0,
        in_transaction=evse.transaction is not None,
        transaction_id=None if evse.transaction is None else evse.transaction.wire_id,
        register_wh=evse.register_wh,
        delivered_wh=evse.register_wh - evse.initial_wh,
        power_w=round(evse.power_w),
        soc_percent=None if evse.soc is None else int(evse.soc * 100),
    )
