"""Every picture of the table, in both languages, with a Chinese font and without one."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from zibo_sim import plots
from zibo_sim.comparison import Comparison, compare
from zibo_sim.experiment import replicate, run
from zibo_sim.plots import pen
from zibo_sim.scenario import load

SMALL = {"heating.dwellings": 3000}
HAS_CHINESE = pen.chinese_family() is not None
CASES = [(picture, need) for picture in plots.PICTURES for need in picture.needs]
NAMES = [f"{picture.name}-{need}" for picture, need in CASES]


@pytest.fixture(scope="module")
def things() -> dict[str, Any]:
    base = load().replace(SMALL)
    table = pd.DataFrame({"point": [0, 1, 2], "replication": 0, "cloud.audit.servers": [1, 2, 3],
                          "cloud.requests": [5.0, 6.0, 8.0], "error": ""})  # fmt: skip
    return {
        "run": run(base, seed=1),
        "replications": replicate(base, 3, seed=1, keep=True),
        "comparison": compare(base, base.replace({"cloud.audit.servers": 2}), replications=2),
        "study": table,
    }


@pytest.fixture
def no_chinese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(pen, "installed_families", lambda: {"DejaVu Sans"})
    monkeypatch.setattr(pen, "_add_new_fonts", lambda: None)
    pen._warn_once.cache_clear()
    yield
    pen._warn_once.cache_clear()


def drawn_strictly(picture: plots.Picture, thing: Any, lang: str) -> list[Text]:
    """Draw to the last glyph; any warning is an error. Return the texts shown."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = picture.draw(thing, lang=lang)
        ax.figure.savefig("/dev/null", format="png", dpi=60)
    return [t for t in ax.figure.findobj(Text) if t.get_text() and t.get_visible()]


@pytest.mark.skipif(not HAS_CHINESE, reason="no Chinese font is installed")
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("picture", "need"), CASES, ids=NAMES)
def test_every_picture_has_a_glyph_for_every_letter(
    things: dict[str, Any], picture: plots.Picture, need: str, lang: str
) -> None:
    texts = drawn_strictly(picture, things[need], lang)
    chinese = any("\u4e00" <= c <= "\u9fff" for t in texts for c in t.get_text())
    assert chinese == (lang == "zh")
    installed = pen.installed_families()
    for text in texts:
        assert set(text.get_fontfamily()) <= installed, text.get_text()


@pytest.mark.usefixtures("no_chinese")
@pytest.mark.parametrize(("picture", "need"), CASES, ids=NAMES)
def test_without_a_chinese_font_every_picture_is_english(
    things: dict[str, Any], picture: plots.Picture, need: str
) -> None:
    with pytest.warns(UserWarning, match="fonts-noto-cjk"):
        pen.Pen.of("zh")
    texts = drawn_strictly(picture, things[need], "zh")
    assert not [t.get_text() for t in texts if any(ord(c) > 0x2E7F for c in t.get_text())]
    assert {family for t in texts for family in t.get_fontfamily()} == {"DejaVu Sans"}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("picture", "need"), CASES, ids=NAMES)
def test_every_picture_says_which_scenario_and_seed(
    things: dict[str, Any], picture: plots.Picture, need: str, lang: str
) -> None:
    thing = things[need]
    if need == "study":
        thing = thing.copy()
        thing.attrs = {"title": "A study", "seed": 9}
    ax = picture.draw(thing, lang=lang)
    said = " ".join(t.get_text() for t in ax.figure.findobj(Text))
    seed = {"study": 9, "comparison": 0}.get(need, 1)
    word = "种子" if HAS_CHINESE and lang == "zh" else "seed"
    assert f"{word} {seed}" in said
    title = "2018—2019" if word == "种子" else "Winter 2018"
    assert ("A study" if need == "study" else title) in said
    assert ax.get_title(loc="left")


@pytest.mark.parametrize(("picture", "need"), CASES, ids=NAMES)
def test_the_axes_given_are_the_axes_returned(
    things: dict[str, Any], picture: plots.Picture, need: str
) -> None:
    ax = Figure().subplots()
    assert picture.draw(things[need], ax, "en") is ax


@pytest.mark.parametrize("need", ["run", "replications", "comparison", "study"])
def test_a_thing_lists_the_pictures_it_can_be_drawn_as(things: dict[str, Any], need: str) -> None:
    wanted = [picture.name for picture in plots.PICTURES if need in picture.needs]
    assert [picture.name for picture in plots.pictures(things[need])] == wanted


def test_pictures_that_a_thing_cannot_hold_are_not_listed(things: dict[str, Any]) -> None:
    bare = replicate(load().replace(SMALL), 2, seed=1)
    assert [p.name for p in plots.pictures(bare)] == ["forecast", "replications"]
    assert plots.pictures(pd.DataFrame({"point": [1]})) == []
    assert plots.pictures("a run") == []


def test_every_listed_picture_has_a_title_in_both_languages_and_is_public() -> None:
    for picture in plots.PICTURES:
        assert picture.name in plots.__all__
        assert picture.title("en")
        assert (picture.title("zh") != picture.title("en")) == HAS_CHINESE


def test_a_picture_becomes_a_png_without_pyplot() -> None:
    program = (
        "import sys\n"
        "from zibo_sim import plots\n"
        "from zibo_sim.experiment import run\n"
        "from zibo_sim.scenario import load\n"
        "from datetime import date\n"
        "short = run(load().replace({'period.end': date(2018, 10, 12)}), 1)\n"
        "pngs = [p.png(short, 'en', 60) for p in plots.pictures(short)]\n"
        "assert len(pngs) > 3 and all(p.startswith(b'\\x89PNG') for p in pngs)\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_names_are_loaded_when_asked_for_and_no_module_hides_one() -> None:
    folder = Path(plots.__file__).parent
    modules = {file.stem for file in folder.glob("*.py")}
    assert not modules & set(plots.__all__)
    assert set(plots._HOMES) == set(plots.__all__)
    for name in plots.__all__:
        assert getattr(plots, name) is not None
    assert set(dir(plots)) == set(plots.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = plots.nothing


def test_the_front_door_loads_no_matplotlib() -> None:
    program = "import sys, zibo_sim.plots; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_comparison_needs_room_for_every_row(things: dict[str, Comparison]) -> None:
    compared = next(picture for picture in plots.PICTURES if picture.name == "compare")
    ax = compared.draw(things["comparison"], lang="en")
    rows = len(ax.get_yticks())
    assert compared.size(things["comparison"])[1] == pytest.approx(1.9 + 0.3 * max(rows, 2))
