# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Workers that may crash or hang: each answers for one case at a time."""

import concurrent.futures
import json
import os
import queue
import selectors
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

#: Seconds for one case, of which most take less than one.
TIMEOUT = 180


class Worker:
    """One process. A case that kills it, or takes too long, costs a new process."""

    def __init__(self, mode: str):
        self._mode = mode
        self._process: subprocess.Popen[str] | None = None
        self.names: list[tuple[str, str]] = []

    def start(self) -> None:
        """Starts the process, if there is none, and reads the names of the cases."""
        if self._process:
            return
        environment = os.environ | {
            # Without more threads, collectives in flight exhaust XLA:CPU's pool.
            "NPROC": "64",
            # Nor have LAPACK's threads, eight times over, any use here.
            "OPENBLAS_NUM_THREADS": "1",
            "XLA_FLAGS": "--xla_force_host_platform_device_count=8",
            "JAX_PLATFORMS": "cpu",
            "JAX_ENABLE_X64": str(int(self._mode == "x64")),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", Path(__file__).with_name("worker.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        names = self._process.stdout.readline()
        if not names:
            self.stop()
            raise RuntimeError("a worker does not start: run worker.py by hand")
        self.names = json.loads(names)

    def check(self, index: int) -> dict[str, Any]:
        """The record of a case; of one that crashes or hangs, that it does."""
        self.start()
        answered, line = self._ask(index)
        if line:
            return json.loads(line)
        self.stop()
        name, primitive = self.names[index]
        what = "crashes" if answered else f"takes more than {TIMEOUT} s"
        return {
            "name": name + ("[x64]" if self._mode == "x64" else ""),
            "primitive": primitive,
            "unsupported": "",
            "failures": [what],
            "outcomes": [],
        }

    def _ask(self, index: int) -> tuple[bool, str]:
        """Whether anything comes back in time, and the answer, empty after a crash."""
        try:
            print(index, file=self._process.stdin, flush=True)
        except BrokenPipeError:
            return True, ""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            answered = bool(selector.select(TIMEOUT))
        return answered, self._process.stdout.readline() if answered else ""

    def stop(self) -> None:
        """Ends the process."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


def names_of(mode: str) -> list[tuple[str, str]]:
    """Name and primitive of every case of a mode."""
    worker = Worker(mode)
    worker.start()
    worker.stop()
    return worker.names


def run(
    mode: str, indices: Iterable[int], jobs: int, take: Callable[[dict[str, Any]], None]
) -> None:
    """Checks the cases in ``jobs`` processes; ``take`` gets each record, one by one."""
    left: queue.SimpleQueue[int] = queue.SimpleQueue()
    for index in indices:
        left.put(index)
    lock = threading.Lock()

    def serve() -> None:
        worker = Worker(mode)
        try:
            while True:
                record = worker.check(left.get_nowait())
                with lock:
                    take(record)
        except queue.Empty:
            pass
        finally:
            worker.stop()

    with concurrent.futures.ThreadPoolExecutor(jobs) as threads:
        # An error in a thread is one here.
        for done in [threads.submit(serve) for _ in range(jobs)]:
            done.result()
