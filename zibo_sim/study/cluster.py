"""A Dask cluster as an executor."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress

from zibo_sim.errors import Refused

_CONNECT = 10
_WORKERS = 60


@contextmanager
def dask_executor(address: str) -> Iterator[Executor]:
    """Connect to a Dask scheduler and give its workers as an executor.

    Parameters
    ----------
    address : str
        ``tcp://host:port``.

    Raises
    ------
    Refused
        Where Dask is not installed, the scheduler does not answer, or no worker joins it.
    """
    try:
        from distributed import Client
        from distributed.comm.addressing import get_address_host_port
    except ImportError:
        raise Refused(
            "--dask needs Dask, which is not installed: pip install 'zibo-sim[dask]'"
        ) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # we say it in a line ourselves
    try:
        get_address_host_port(address)  # a client of no address would linger, and complain
        client = Client(address, timeout=_CONNECT, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise Refused(
            f"--dask: no scheduler answers at {address!r} ({type(error).__name__}); "
            "allowed is tcp://host:port of a running one"
        ) from None
    try:
        client.wait_for_workers(1, timeout=_WORKERS)
        yield client.get_executor()
    except TimeoutError:
        raise Refused(f"--dask: the scheduler at {address} has no workers") from None
    finally:
        with suppress(Exception):  # the scheduler may be gone by now
            client.close(timeout=2)
