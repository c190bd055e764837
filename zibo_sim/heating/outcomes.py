"""Who pays less and who pays more: every dwelling billed both ways in the winter of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from zibo_sim.errors import Refused
from zibo_sim.heating.bulk import bills, pack
from zibo_sim.heating.demand import exposure, readings
from zibo_sim.heating.ledger import FEN_PER_YUAN, HeatingLedger
from zibo_sim.heating.parameters import Heating
from zibo_sim.heating.portfolio import area_fees
from zibo_sim.heating.stock import city_of, on_dibao, stock
from zibo_sim.heating.tariff import tariff_of
from zibo_sim.law import Law
from zibo_sim.law.rule import exact

if TYPE_CHECKING:
    import pandas as pd

#: Groups by kind, in the order of the stock's codes.
GROUPS: dict[str, tuple[str, ...]] = {
    "vintage": ("uninsulated", "saving_30", "saving_50", "saving_65", "saving_75"),
    "position": ("interior", "corner", "top_bottom"),
    "income": ("other", "low_income"),
}
COLUMNS = (
    "by",
    "group",
    "dwellings",
    "kwh_m2",
    "by_area",
    "by_meter",
    "paying_less",
    "subsidy_share",
)


def who_pays(heating: Heating, law: Law, ledger: HeatingLedger) -> pd.DataFrame:
    """Compare the two tariffs of 139号 for every dwelling, as if all were metered.

    Parameters
    ----------
    heating : Heating
    law : Law
    ledger : HeatingLedger
        Of a run; its first whole season counts.

    Returns
    -------
    DataFrame
        One row a group, and one for all: ``by`` (``all``, ``vintage``, ``position``, ``income``),
        ``group``, ``dwellings``, ``kwh_m2`` (mean season heat of a m², metering's saving
        counted), ``by_area`` and ``by_meter`` (mean bills, yuan), ``paying_less`` (share whose
        bill by meter is the lower), ``subsidy_share`` (the household subsidy ÷ their mean bill by
        area; NaN for those who draw none).

    Raises
    ------
    Refused
        When no whole season lies in the period.
    """
    import pandas as pd

    if not ledger.vintage_kwh_m2:
        raise Refused("the period holds no whole heating season, so nobody is billed by meter")
    count, homes, _ = city_of(heating, law)
    city = stock(count, homes)
    every, tariff = exposure(count, homes, heating.demand, 1.0), tariff_of(law)
    season = ledger.vintage_kwh_m2[0]
    heat, let = readings(every, season), readings(every, season, let=True)
    by_meter = bills(pack(city.dwellings, np.ones(count, bool)), heat, tariff, let)
    of: dict[str, NDArray[np.float64]] = {
        "kwh_m2": heat / np.maximum(city.dwellings.household_area(), 1),
        "by_area": area_fees(city.dwellings, tariff) / FEN_PER_YUAN,
        "by_meter": by_meter / FEN_PER_YUAN,
    }
    of["paying_less"] = (of["by_meter"] < of["by_area"]).astype(float)
    dibao = on_dibao(count, heating.stock.seed, heating.subsidy)
    codes = {"vintage": city.vintage, "position": city.position, "income": dibao.astype(np.int8)}
    rows = [("all", "all", np.ones(count, bool))]
    rows += [
        (k, name, codes[k] == i) for k, names in GROUPS.items() for i, name in enumerate(names)
    ]
    subsidy = float(exact(law("heating.subsidy.household")))
    return pd.DataFrame(
        [_row(by, group, of, members, subsidy) for by, group, members in rows], columns=COLUMNS
    )


def _row(
    by: str,
    group: str,
    of: dict[str, NDArray[np.float64]],
    members: NDArray[np.bool_],
    subsidy: float,
) -> dict[str, object]:
    some = bool(members.any())
    means = {name: float(v[members].mean()) if some else np.nan for name, v in of.items()}
    share = subsidy / means["by_area"] if group == "low_income" else np.nan
    return {
        "by": by,
        "group": group,
        "dwellings": int(members.sum()),
        **means,
        "subsidy_share": share,
    }
