"""Watches over the event loop: what keeps it from everybody else's turn, and what would block it.

A stall is the processor time one step of the loop took on its own thread, so a busy machine makes none; what the
garbage collector took of it is left out, as the heap of a test run is not the product's.
"""

import asyncio
import gc
import http.client
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

LONGEST_STEP_S = 0.1


@dataclass(frozen=True, slots=True)
class Stall:
    what: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.seconds * 1000:.0f} ms in {self.what}"


@contextmanager
def stalls() -> Iterator[list[Stall]]:
    """The steps of the loop of this thread that took longer than a tenth of a second of its processor time."""
    found: list[Stall] = []
    thread = threading.get_ident()
    collected = began = 0.0

    def collecting(phase: str, _: dict[str, int]) -> None:
        nonlocal collected, began
        if threading.get_ident() != thread:
            return
        if phase == "start":
            began = time.thread_time()
        else:
            collected += time.thread_time() - began

    step: Callable[[asyncio.Handle], None] = asyncio.Handle._run

    def watched(handle: asyncio.Handle) -> None:
        if threading.get_ident() != thread:
            step(handle)
            return
        before, collected_before = time.thread_time(), collected
        step(handle)
        took = time.thread_time() - before - (collected - collected_before)
        if took > LONGEST_STEP_S:
            found.append(Stall(repr(handle), took))

    gc.callbacks.append(collecting)
    try:
        with mock.patch.object(asyncio.Handle, "_run", watched):
            yield found
    finally:
        gc.callbacks.remove(collecting)


@contextmanager
def blocking_calls() -> Iterator[list[str]]:
    """Where somebody waited on the loop's own thread: `time.sleep`, or a request by a library that blocks.

    Twilio, Razorpay, Stripe and boto3 all speak through `http.client` in the end; a request of theirs belongs into a
    thread of its own.
    """
    found: list[str] = []

    def note(what: str) -> None:
        if asyncio._get_running_loop() is not None:
            where = traceback.extract_stack(limit=12)[:-2]
            found.append(f"{what} on the loop's thread, from " + " > ".join(f"{f.filename}:{f.lineno}" for f in where))

    sleep, request = time.sleep, http.client.HTTPConnection.putrequest

    def sleeping(seconds: float) -> None:
        if seconds > 0:
            note("time.sleep")
        sleep(seconds)

    def requesting(self: http.client.HTTPConnection, *about: Any, **more: Any) -> None:
        note(f"a request to {self.host}")
        request(self, *about, **more)

    with (
        mock.patch.object(time, "sleep", sleeping),
        mock.patch.object(http.client.HTTPConnection, "putrequest", requesting),
    ):
        yield found
