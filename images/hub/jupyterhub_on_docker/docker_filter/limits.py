"""No server has more than the settings give to any."""

from ..config import Limits
from ..config.limits import UNLIMITED
from .bodies import HostConfig
from .denied import Denied


def check_limits(most: Limits, host: HostConfig) -> None:
    if host.memory > most.memory:
        raise Denied(f"HostConfig.Memory is more than {most.memory}")
    if host.pids_limit > most.processes:
        raise Denied(f"HostConfig.PidsLimit is more than {most.processes}")
    # A cent of a processor for what the division rounds up.
    if host.cpu_quota is None or host.cpu_quota / host.cpu_period > most.cpus + 0.01:
        raise Denied(f"HostConfig.CpuQuota is unset, or more than {most.cpus} processors")
    _check_optional("CpuShares", host.cpu_shares, most.cpu_shares)
    _check_optional("MemoryReservation", host.memory_reservation, most.memory_reservation)
    _check_optional("ShmSize", host.shm_size, most.shm_size)
    if most.swap == UNLIMITED:
        if host.memory_swap != UNLIMITED and host.memory_swap < host.memory:
            raise Denied("HostConfig.MemorySwap is less than HostConfig.Memory")
    elif not host.memory <= host.memory_swap <= host.memory + most.swap:
        raise Denied(f"HostConfig.MemorySwap is not between Memory and Memory + {most.swap}")


def _check_optional(key: str, wanted: int | None, most: int | None) -> None:
    """Checks what the engine has a default for: nothing else where no server is to have more."""
    if wanted is None:
        return
    if most is None:
        raise Denied(f"HostConfig.{key} must be left out")
    if wanted > most:
        raise Denied(f"HostConfig.{key} is more than {most}")
