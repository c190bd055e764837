"""The dashboard in a real browser: under Voilà and in JupyterLab, nothing fetched from outside.

Needs Chromium. Without one the tests are skipped and say so; with ``ZIBO_BROWSER=required`` they
fail. Screenshots and the times from click to picture go to the folder ``ZIBO_SCREENSHOTS``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

REQUIRED = os.environ.get("ZIBO_BROWSER") == "required"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE_MS = 120_000
SLIDER = ".zs-row .noUi-handle"
FIRST_PICTURE = ".zs-picture-compare"
COUNT = ".zs-run-count"
#: Another picture than before, or an error.
ANOTHER = """([picture, before]) => {
    if (document.querySelector(".zs-error")) return true;
    const image = document.querySelector(picture);
    return Boolean(image && image.src && image.src !== before && image.complete);
}"""
#: Parts of the dashboard that show a bar to scroll sideways; only wide tables and code may.
SIDEWAYS = """() => [...document.querySelectorAll(".zs-root *")].filter(part =>
    ["auto", "scroll"].includes(getComputedStyle(part).overflowX)
    && part.scrollWidth > part.clientWidth && !part.matches(".zs-wide, .zs-code")
).map(part => part.className)"""
#: What of the table of differences cannot be reached: beyond its panel, or not to be scrolled to.
OUT_OF_REACH = """() => {
    const edge = document.querySelector(".zs-results").getBoundingClientRect().right;
    return [...document.querySelectorAll(".zs-wide")].flatMap(wide => {
        const table = wide.querySelector("table");
        wide.scrollLeft = 1e6;
        const last = table.rows[0].lastElementChild.getBoundingClientRect();
        const name = table.rows[1].firstElementChild.getBoundingClientRect();
        const box = wide.getBoundingClientRect();
        wide.scrollLeft = 0;
        return [
            box.width > 0 && box.right <= edge + 1 ? "" : `box to ${box.right}, panel to ${edge}`,
            last.right <= box.right + 1 ? "" : `last column to ${last.right}, box to ${box.right}`,
            name.left >= box.left - 1 ? "" : `names left of the box: ${name.left}`,
            name.width >= 90 ? "" : `names only ${name.width} wide`,
        ].filter(said => said);
    });
}"""
#: What the pages' own machinery says that is no fault of the dashboard.
FOREIGN = ("favicon", "apple-touch-icon")


def chromium() -> str | None:
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), None)


def give_up(reason: str) -> None:
    if REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        give_up("Playwright is not installed: the dashboard was not seen in a browser")
    with sync_playwright() as playwright:
        options: dict[str, Any] = {"args": ["--no-sandbox", "--lang=zh-CN"]}
        path = chromium()
        try:
            opened = playwright.chromium.launch(
                **options, **({"executable_path": path} if path else {})
            )
        except Error as error:
            give_up(f"no Chromium: the dashboard was not seen in a browser ({error})")
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots and times are kept."""
    said = os.environ.get("ZIBO_SCREENSHOTS")
    folder = Path(said) if said else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Watched:
    """A page that keeps what it asked for and what it complained of."""

    def __init__(self, browser: Any) -> None:
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page = browser.new_page(viewport={"width": 1440, "height": 900})
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        said = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not any(name in said for name in FOREIGN):
            self.complaints.append(said)

    def outside(self) -> list[str]:
        inside = re.compile(r"^(data:|blob:|about:|chrome|(https?|ws)://127\.0\.0\.1[:/])")
        return [url for url in self.asked if not inside.match(url)]

    def count(self) -> int:
        return int(self.page.locator(COUNT).get_attribute("data-count") or 0)

    def wrong(self) -> str:
        return "".join(self.page.locator(".zs-error").all_inner_texts())

    def source(self, picture: str = FIRST_PICTURE) -> str:
        found = self.page.locator(f"{picture}:visible")
        return found.get_attribute("src") or "" if found.count() else ""


@contextmanager
def served(command: list[str], folder: Path, ready: str) -> Iterator[str]:
    """Run a server until the block ends; give the address it prints."""
    log = folder / "server.log"
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            command, cwd=folder, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield _address(process, log, ready)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.terminate()
                process.wait(20)


def _address(process: subprocess.Popen[bytes], log: Path, ready: str) -> str:
    for _ in range(600):
        if found := re.search(ready, log.read_text(encoding="utf-8")):
            return found.group(0)
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"no server:\n{log.read_text(encoding='utf-8')}")


def wait_for(condition: Any, what: str, seconds: float = 120.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.02)


def slide(page: Any, number: int, steps: int) -> None:
    """Move a slider by keys, as the keyboard of a user does."""
    handle = page.locator(SLIDER).nth(number)
    handle.scroll_into_view_if_needed()
    handle.focus()
    for _ in range(abs(steps)):
        page.keyboard.press("ArrowRight" if steps > 0 else "ArrowLeft")


def run_and_time(seen: Watched) -> float:
    """Press Run; return the seconds until another picture stands there."""
    before, count = seen.source(), seen.count()
    began = time.perf_counter()
    seen.page.locator(".zs-run").click()
    seen.page.wait_for_function(ANOTHER, arg=[FIRST_PICTURE, before], polling=25)
    took = time.perf_counter() - began
    assert not seen.wrong()
    assert seen.count() == count + 1
    return took


def rehearse(seen: Watched, album: Path, name: str, lang: str) -> None:
    """Do what a planner does; where it fails, keep what the page looked like."""
    try:
        _rehearsed(seen, album, name, lang)
    except Exception:
        seen.page.screenshot(path=album / f"{name}-{lang}-failed.png")
        print(seen.complaints)
        raise


def _rehearsed(seen: Watched, album: Path, name: str, lang: str) -> None:
    page = seen.page
    page.wait_for_selector(".zs-run")
    wait_for(lambda: "准备" not in _said(page) and "preparing" not in _said(page), "a warm start")
    assert seen.count() == 0
    slide(page, 0, -1)
    page.wait_for_selector(".zs-law li")
    first = run_and_time(seen)
    assert page.evaluate(SIDEWAYS) == []
    law = page.locator(".zs-law").inner_text()
    assert "145号" in law
    wait_for(lambda: page.locator(".zs-cancel").is_disabled(), "the last picture")
    page.screenshot(path=album / f"{name}-{lang}.png")
    for width in (1000, 1280, 1400):
        page.set_viewport_size({"width": width, "height": 900})
        page.locator(".zs-wide").scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        page.screenshot(path=album / f"{name}-{lang}-{width}.png")
        assert page.evaluate(OUT_OF_REACH) == [], f"{width} wide"
    page.set_viewport_size({"width": 1440, "height": 900})
    times = [first]
    for _ in range(2):
        slide(page, 2, -4)
        page.wait_for_selector(".zs-stale")
        page.wait_for_timeout(500)
        times.append(run_and_time(seen))
        wait_for(lambda: page.locator(".zs-cancel").is_disabled(), "the last picture")
        assert page.locator(".zs-stale").count() == 0
    _record(album, f"{name}-{lang}", times)
    assert seen.outside() == []
    assert seen.complaints == []


def _said(page: Any) -> str:
    return page.locator(".zs-said").inner_text()


def _record(album: Path, name: str, times: list[float]) -> None:
    """Keep the times; they are looked at, never asserted."""
    path = album / "click-to-picture.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    known[name] = [round(seconds, 2) for seconds in times]
    path.write_text(json.dumps(known, indent=2) + "\n")
    print(f"\nclick to picture, 60 pairs, {name}: {known[name]} s")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_dashboard_answers_under_voila(
    browser: Any, album: Path, tmp_path: Path, lang: str
) -> None:
    command = [sys.executable, "-m", "zibo_sim.cli.main", "app", "--port", "0", "--lang", lang]
    with served(command, tmp_path, r"http://127\.0\.0\.1:\d+/\?token=\S+") as address:
        seen = Watched(browser)
        seen.page.goto(address)
        rehearse(seen, album, "voila", lang)
        seen.page.close()
    assert [path.name for path in tmp_path.iterdir()] == ["server.log"], "it left files behind"


def test_a_page_takes_its_kernel_along_when_it_is_loaded_again_or_closed(
    browser: Any, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "zibo_sim.cli.main", "app", "--port", "0", "--lang", "en"]
    with served(command, tmp_path, r"http://127\.0\.0\.1:\d+/\?token=\S+") as address:
        context = browser.new_context()
        context.new_page()  # a browser whose last page is closed is gone itself
        page = context.new_page()
        refused = list[str]()
        page.on("response", lambda r: refused.append(r.url) if r.status >= 400 else None)
        page.goto(address)
        page.wait_for_selector(".zs-run", timeout=PATIENCE_MS)
        for _ in range(2):
            page.reload()
            page.wait_for_selector(".zs-run", timeout=PATIENCE_MS)
        wait_for(lambda: kernels() == 1, "the end of the kernels of earlier loads")
        page.close(run_before_unload=True)
        wait_for(lambda: kernels() == 0, "the end of the last kernel")
        assert refused == []
        context.close()


def kernels() -> int:
    """Count the kernels that were started from here."""
    psutil = pytest.importorskip("psutil")
    found = 0
    for process in psutil.Process().children(recursive=True):
        try:
            found += any("ipykernel" in part for part in process.cmdline())
        except psutil.Error:
            continue
    return found


def test_the_dashboard_answers_in_jupyterlab(browser: Any, album: Path, tmp_path: Path) -> None:
    from zibo_sim.widgets.serve import notebook

    (tmp_path / "nb.ipynb").write_text(notebook("winter-2018-19", "zh", tmp_path))
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0",
        "--allow-root", "--LabApp.news_url=", "--LabApp.check_for_updates_class="
        "jupyterlab.NeverCheckForUpdate", "--LabApp.extension_manager=readonly",
        f"--LabApp.workspaces_dir={tmp_path / 'workspaces'}",
        f"--LabApp.user_settings_dir={tmp_path / 'settings'}",
    ]  # fmt: skip
    with served(command, tmp_path, r"http://127\.0\.0\.1:\d+/lab\?token=\w+") as address:
        seen = Watched(browser)
        seen.page.goto(address.replace("/lab?", "/lab/tree/nb.ipynb?"))
        cell = seen.page.locator(".jp-Cell .cm-content").first
        cell.wait_for()
        seen.page.get_by_text("| Idle").wait_for()
        cell.click()
        seen.page.keyboard.press("Shift+Enter")
        rehearse(seen, album, "jupyterlab", "zh")
        seen.page.close()
