"""The dashboard's server: every page has its kernel, and no kernel outlives its page for long."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest

pytest.importorskip("voila")
psutil = pytest.importorskip("psutil")

GRACE_S = 4
SERVER = f"""
from pathlib import Path
from zibo_sim.widgets import serve
notebook = serve.notebook
serve.notebook = lambda *given: notebook(*given).replace("WhatIf(", "WhatIf(warm=False, base=")
serve.GRACE_S = {GRACE_S}
serve.serve("winter-2018-19", 0, "en", Path(), lambda said: print(said, flush=True))
"""


class Page:
    """What a browser does with a page, but for showing it."""

    def __init__(self, address: str) -> None:
        self.address, _, self.token = address.partition("/?token=")
        self.cookies = CookieJar()
        self.browser: OpenerDirector = build_opener(HTTPCookieProcessor(self.cookies))
        with self.browser.open(address, timeout=120) as answer:
            html = answer.read().decode()
        found = re.search(r'"kernelId": ?"([0-9a-f-]+)"', html)
        assert found, html[:2000]
        self.kernel = found.group(1)

    def cookie(self, name: str) -> str:
        return next((c.value or "" for c in self.cookies if c.name == name), "")

    def leave(self) -> int:
        """Say that the page is closed, as Voilà's own script does: with the cookie it was given."""
        url = f"{self.address}/voila/api/shutdown/{self.kernel}"
        asked = Request(url, f"_xsrf={self.cookie('_xsrf')}".encode(), method="POST")
        with self.browser.open(asked, timeout=60) as answer:
            return int(answer.status)

    def stay(self, seconds: float) -> None:
        """Be open, and idle, for a while."""
        from tornado.websocket import websocket_connect

        async def connected() -> None:
            url = f"{self.address}/api/kernels/{self.kernel}/channels?token={self.token}"
            socket = await websocket_connect(url.replace("http", "ws", 1))
            await asyncio.sleep(seconds)
            socket.close()

        asyncio.run(connected())


def kernels(server: subprocess.Popen[str]) -> int:
    """Count the kernels of a server."""
    found = 0
    for process in psutil.Process(server.pid).children():
        try:
            found += any("ipykernel" in part for part in process.cmdline())
        except psutil.Error:
            continue
    return found


def wait_for(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server with a short grace, and its address."""
    folder: Path = tmp_path_factory.mktemp("served")
    with (folder / "log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER], cwd=folder, stdout=subprocess.PIPE, stderr=log,
            text=True,
        )  # fmt: skip
        try:
            assert server.stdout is not None
            yield server, server.stdout.readline().strip()
        finally:
            server.terminate()
            server.wait(60)
            assert server.stdout is not None
            server.stdout.close()


def test_a_page_that_says_it_is_closed_takes_its_kernel_along(served: Any) -> None:
    server, address = served
    page = Page(address)
    assert kernels(server) >= 1
    assert page.cookie("_xsrf"), "without it the server refuses what the page says"
    assert page.leave() == 204
    wait_for(lambda: kernels(server) == 0, "the end of the kernel")


def test_a_page_that_is_open_and_idle_keeps_its_kernel_and_one_that_vanished_does_not(
    served: Any,
) -> None:
    server, address = served
    page = Page(address)
    page.stay(3 * GRACE_S)
    assert kernels(server) == 1
    wait_for(lambda: kernels(server) == 0, "the end of the kernel")


def test_a_page_that_never_came_up_leaves_no_kernel(served: Any) -> None:
    server, address = served
    Page(address)
    wait_for(lambda: kernels(server) == 0, "the end of the kernel")
