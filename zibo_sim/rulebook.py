"""Every rule of the gazette by its case-file name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import zibo_sim.air.alerts
import zibo_sim.air.aqi
import zibo_sim.air.measures
import zibo_sim.cloud.clocks
import zibo_sim.heating.bills
import zibo_sim.heating.season
import zibo_sim.heating.subsidies  # noqa: F401  (importing a domain registers its rules)
from zibo_sim.law.rule import RULES, Rule

#: Pure functions called with keywords, each returning a dict: ``rules["heating.bill"](...)``.
rules: Mapping[str, Rule] = MappingProxyType(RULES)
