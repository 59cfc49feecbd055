"""Grade on many machines: Dask's scheduler behind the interface of `concurrent.futures`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from autograder.errors import CourseError


@contextmanager
def dask_executor(address: str | None, jobs: int) -> Iterator[Executor]:
    """Open an executor on a Dask cluster.

    Args:
        address: the scheduler's address; without it a cluster on this machine is started.
        jobs: workers of that local cluster; as many as there are cores by default.

    Raises:
        CourseError: when `distributed` is not installed or the scheduler does not answer.
    """
    try:
        from distributed import Client, LocalCluster
    except ModuleNotFoundError:
        cure = "Install it: pip install 'downslope[dask]'"
        raise CourseError(f"--executor dask needs the package distributed. {cure}") from None
    try:
        cluster = None if address else _local_cluster(LocalCluster, jobs)
        client = Client(address or cluster, timeout=10)
    except (OSError, TimeoutError, ValueError) as error:
        raise CourseError(f"the Dask scheduler {address} does not answer: {error}") from None
    try:
        # A task may be lost with its worker; Dask then gives it to another one.
        yield client.get_executor(retries=2, pure=False)
    finally:
        client.close()
        if cluster is not None:
            cluster.close()


def _local_cluster(make: Any, jobs: int) -> Any:
    return make(n_workers=jobs or None, threads_per_worker=1, dashboard_address=None)
