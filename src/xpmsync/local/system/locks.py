"""Locks between processes: one run a practice, one refresh a sign-in.

The operating system releases them when their holder dies, so there are no stale
locks to clear; the files stay.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from xpmsync.errors import AnotherRun, StateUnusable, XpmsyncError, reason_of
from xpmsync.local.system.files import make_folder
from xpmsync.local.system.json_files import read_record, write_record

REFRESH_WAIT: Final = 120.0
"""Seconds to wait for another process's refresh; longer than its HTTP time limits together."""


@contextmanager
def file_lock(
    path: Path, wait_seconds: float = REFRESH_WAIT, busy: Callable[[], XpmsyncError] | None = None
) -> Iterator[None]:
    """Hold a lock file against all other processes and threads.

    Where another one holds it for longer than `wait_seconds`, the error that `busy`
    makes is raised, by default `StateUnusable`, as where the file cannot be created.
    """
    from filelock import FileLock

    make_folder(path.parent)
    lock = FileLock(path, timeout=wait_seconds, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except TimeoutError as problem:
        default = StateUnusable(path, f"another process has held it for {wait_seconds:g} seconds")
        raise (busy() if busy else default) from problem
    except OSError as problem:
        raise StateUnusable(path, reason_of(problem)) from problem
    try:
        yield
    finally:
        lock.release()


@contextmanager
def run_lock(path: Path, *, now: datetime, wait_seconds: float = 0.0) -> Iterator[None]:
    """Be the only run of a practice; raises `AnotherRun` with the process that is.

    `now` is when this run began, for other processes to read.
    """
    # Beside the lock, not in it: Windows lets nobody else read a locked file.
    holder = path.with_name(f"{path.name}.holder")
    with file_lock(path, wait_seconds, lambda: _other_run(holder)):
        write_record(holder, _Holder(os.getpid(), socket.gethostname(), now.isoformat(timespec="seconds")))
        try:
            yield
        finally:
            with suppress(OSError):
                holder.unlink()


@dataclass(frozen=True, slots=True)
class _Holder:
    """The process that has the run lock; `since` is UTC in ISO form."""

    pid: int = 0
    host: str = ""
    since: str = ""


def _other_run(holder: Path) -> AnotherRun:
    other = read_record(_Holder, holder) or _Holder()
    return AnotherRun(other.pid, other.host, other.since)
