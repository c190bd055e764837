"""The dashboard under Voilà: one notebook, on this computer alone, nothing left behind."""

from __future__ import annotations

import json
import logging
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from zibo_sim.errors import Refused, ZiboSimError

#: Voilà's page, but for the styles it would fetch from elsewhere: they come with it anyway.
TEMPLATE = """{%- extends 'voila/templates/lab/index.html.j2' -%}
{%- block notebook_css -%}
{{ super().replace('https://', 'data:text/css,') | safe }}
{%- endblock notebook_css -%}
"""
HOST = "127.0.0.1"
#: Seconds a kernel outlives its page where the page could not say that it was closed.
GRACE_S = 60
_NEEDED = ("voila", "ipywidgets", "ipykernel", "jupyter_server", "jupyterlab_server")


def notebook(scenario: str, lang: str, folder: Path) -> str:
    """Return the notebook that is served: one cell, one call."""
    given = f"{scenario!r}, lang={lang!r}, folder={str(folder)!r}"
    source = f"from zibo_sim.widgets.whatif import WhatIf\n\nWhatIf({given})"
    cell: dict[str, Any] = {
        "cell_type": "code", "execution_count": None, "id": "dashboard", "metadata": {},
        "outputs": [], "source": source,
    }  # fmt: skip
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    about = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return json.dumps({"cells": [cell], "metadata": about, "nbformat": 4, "nbformat_minor": 5})


def check_port(port: int) -> int:
    """Return the port where it is free, some free one for 0.

    Raises
    ------
    Refused
        Where another program has it.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError as error:
            raise Refused(
                f"port {port} cannot be used ({error.strerror}); choose another with --port, "
                "or 0 for any that is free"
            ) from None
        return int(tried.getsockname()[1])


def serve(
    scenario: str, port: int, lang: str, folder: Path, say: Callable[[str], None]
) -> int | None:
    """Serve the dashboard until a signal ends it; return which.

    Parameters
    ----------
    scenario : str
        A name or a path.
    port : int
        0 takes a free one.
    lang : {"zh", "en"}
    folder : Path
        Where the dashboard writes its files.
    say : callable
        Told the address once the server listens.

    Raises
    ------
    Refused
        Where the port is taken.
    ZiboSimError
        Where Voilà is not installed.
    """
    voila = _voila()
    port = check_port(port)
    with tempfile.TemporaryDirectory(prefix="zibo-sim-") as place:
        path = Path(place) / "served" / "zibo-sim.ipynb"
        path.parent.mkdir()
        path.write_text(notebook(scenario, lang, folder), encoding="utf-8")
        (Path(place) / "index.html.j2").write_text(TEMPLATE, encoding="utf-8")
        return _serve(voila, path, port, Path(place), say)


def _voila() -> Any:
    try:
        from voila.app import Voila
    except ImportError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _NEEDED:
            raise
        raise ZiboSimError(
            f"the dashboard needs {missing}, which is not installed; "
            "install it with: pip install 'zibo-sim[notebooks]'"
        ) from None
    return Voila


def _kernels() -> Any:
    """Return the manager of kernels: one that no page is connected to ends after a while.

    Idle or not, a page that is open keeps its kernel: it is only counted from when it left.
    """
    from jupyter_server._tz import utcnow
    from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

    class Kernels(AsyncMappingKernelManager):  # type: ignore[misc,unused-ignore]
        """Kernels whose idle time begins when the last page leaves."""

        def notify_disconnect(self, kernel_id: str) -> None:
            super().notify_disconnect(kernel_id)  # type: ignore[no-untyped-call,unused-ignore]
            if kernel_id in self:
                kernel: Any = self.get_kernel(kernel_id)
                kernel.last_activity = utcnow()

    return Kernels


def _config(path: Path, port: int, place: Path, token: str) -> Any:
    """Return Voilà's settings: this computer alone, no file but the page, kernels that end."""
    from traitlets.config import Config

    def handed(request: Any, **_: Any) -> None:
        """Give the page what it must show to end its kernel when it is closed."""
        assert request.xsrf_token

    config = Config()
    config.Voila.update(
        ip=HOST, port=port, port_retries=0, open_browser=True, token=token,
        notebook_path=str(path), root_dir=str(path.parent), connection_dir_root=str(place),
        log_level=logging.ERROR, config_file_paths=[],
    )  # fmt: skip
    config.VoilaConfiguration.update(
        file_allowlist=["^$"], allow_template_override="NO", allow_theme_override="NO",
        show_tracebacks=False, template="lab", theme="light", prelaunch_hook=handed,
        multi_kernel_manager_class=_kernels(),
    )  # fmt: skip
    config.MappingKernelManager.update(
        cull_idle_timeout=GRACE_S, cull_interval=max(1, GRACE_S // 6), cull_connected=False,
        cull_busy=False,
    )  # fmt: skip
    if sys.platform != "win32":  # sockets in a folder of our own rather than ports
        config.KernelManager.transport = "ipc"
    return config


def _serve(
    voila: Any, path: Path, port: int, place: Path, say: Callable[[str], None]
) -> int | None:
    token = secrets.token_urlsafe(24)
    ended: list[int] = []

    class App(voila):  # type: ignore[misc]
        """Voilà without its chatter, ended alike by both signals."""

        def _handle_signal_stop(self, number: int, frame: Any) -> None:
            ended.append(number)
            self.ioloop.add_callback_from_signal(self.ioloop.stop)

        def launch_browser(self) -> None:  # called once the server listens
            signal.signal(signal.SIGINT, self._handle_signal_stop)
            say(f"http://{HOST}:{port}/?token={token}")

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    app = App(config=_config(path, port, place, token))
    # Without these, a folder's or a user's settings could open the server to others.
    app.config_file_paths = []
    logging.getLogger("tornado").setLevel(logging.CRITICAL)
    try:
        app.initialize([])
        app.template_paths.insert(0, str(place))
        app.start()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return ended[0] if ended else None
