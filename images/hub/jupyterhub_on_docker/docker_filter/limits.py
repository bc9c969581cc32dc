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
    if most.swap == UNLIMITED:
        if host.memory_swap != UNLIMITED and host.memory_swap < host.memory:
            raise Denied("HostConfig.MemorySwap is less than HostConfig.Memory")
    elif not host.memory <= host.memory_swap <= host.memory + most.swap:
        raise Denied(f"HostConfig.MemorySwap is not between Memory and Memory + {most.swap}")
