"""Locks between processes: one run a practice, one refresh a sign-in.

The operating system lets go of them when their holder dies, so there are no
stale locks to clear; the files stay.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from xpmsync.errors import AnotherRun, StateUnusable, XpmsyncError, reason_of
from xpmsync.local.system.files import make_folder, write_private
from xpmsync.local.system.json_files import read_table

__all__ = ["REFRESH_WAIT", "file_lock", "run_lock"]

REFRESH_WAIT: Final = 120.0
"""Seconds to wait for another process's refresh; longer than its HTTP time limits together."""


@contextmanager
def file_lock(
    path: Path, wait_seconds: float = REFRESH_WAIT, busy: Callable[[], XpmsyncError] | None = None
) -> Iterator[None]:
    """Hold a lock file against all other processes and threads.

    Where another one holds it for longer than `wait_seconds` this raises the error
    that `busy` makes, by default `StateUnusable`, as where the file cannot be made.
    """
    from filelock import FileLock

    make_folder(path.parent)
    lock = FileLock(path, timeout=wait_seconds, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except TimeoutError as problem:
        held = StateUnusable(path, f"another process has held it for {wait_seconds:g} seconds")
        raise (busy() if busy else held) from problem
    except OSError as problem:
        raise StateUnusable(path, reason_of(problem)) from problem
    try:
        yield
    finally:
        lock.release()


@contextmanager
def run_lock(path: Path, *, now: datetime, wait_seconds: float = 0.0) -> Iterator[None]:
    """Be the one run of a practice; raises `AnotherRun` with who the other one is.

    `now` is when this run began, for the others to read.
    """
    # Beside the lock, not in it: Windows lets nobody else read a locked file.
    holder = path.with_name(f"{path.name}.holder")
    with file_lock(path, wait_seconds, lambda: _other_run(holder)):
        me = {"pid": os.getpid(), "host": socket.gethostname(), "since": now.isoformat(timespec="seconds")}
        write_private(holder, json.dumps(me))
        try:
            yield
        finally:
            with suppress(OSError):
                holder.unlink()


def _other_run(holder: Path) -> AnotherRun:
    known = read_table(holder)
    pid = known.get("pid")
    return AnotherRun(
        pid=pid if isinstance(pid, int) else 0,
        host=str(known.get("host", "")),
        since=str(known.get("since", "")),
    )
