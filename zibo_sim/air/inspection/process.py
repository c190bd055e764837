"""Inspection teams at work during a response: 淄政办字〔2018〕145号 八(八), 八(九).

City and district teams are two SimPy containers. Every morning of a response the teams that are
free set out; each visits some of the plants still waiting for a visit, and orders those it finds
discharging in secret to stop. Plants that were caught comply from that evening on.
"""

from __future__ import annotations

from collections.abc import Generator
from math import ceil
from typing import Any, NamedTuple

import numpy as np
import simpy
from numpy.typing import NDArray

from zibo_sim.air.parameters import Inspection
from zibo_sim.clock import HOURS_PER_DAY
from zibo_sim.law import Law
from zibo_sim.places import DISTRICTS
from zibo_sim.records import Event

Step = Generator[simpy.Event, Any, None]


class Found(NamedTuple):
    """What the rounds of one alert have come to."""

    visited: int
    caught: int


class Inspectorate:
    """The teams of the city and of its districts.

    Parameters
    ----------
    env : simpy.Environment
    log : list of Event
    given : Inspection
    law : Law
    """

    def __init__(
        self, env: simpy.Environment, log: list[Event], given: Inspection, law: Law
    ) -> None:
        self.env, self.log, self.given = env, log, given
        sizes = {"city": given.city_teams, "district": given.district_teams * len(DISTRICTS)}
        self.pools = {name: simpy.Container(env, n, n) for name, n in sizes.items() if n > 0}
        self.places = {"city": (str(law("alert.inspection.leader")),), "district": (*DISTRICTS,)}
        self.inspecting = law.clause("alert.inspection.leader")
        self.stopping = law.clause("alert.discipline.discharge")
        self.found: dict[str, Found] = {}

    def evening(self, hour: float) -> int:
        """Return the hour at which the first rounds that begin at or after `hour` are over."""
        days = ceil((hour - self.given.starts_hour) / HOURS_PER_DAY)
        return HOURS_PER_DAY * days + self.given.starts_hour + self.given.round_h

    def day(self, alert: str, plants: int, secret: float, draws: NDArray[np.float64]) -> Step:
        """Send the teams out from this morning until the evening.

        Parameters
        ----------
        alert : str
        plants : int
            Plants on the list that must cut.
        secret : float
            Share of them that does not, unless caught.
        draws : ndarray, shape (plants, 2)
            Of every plant in the order of visits: does it discharge, is it found out?
        """
        free = {pool: int(teams.level) for pool, teams in self.pools.items() if teams.level}
        yield self.env.all_of([self.pools[pool].get(teams) for pool, teams in free.items()])
        yield self.env.timeout(self.given.round_h)
        for pool, teams in free.items():
            yield self.pools[pool].put(teams)
            self.visit(pool, teams, alert, plants, secret, draws)

    def visit(
        self,
        pool: str,
        teams: int,
        alert: str,
        plants: int,
        secret: float,
        draws: NDArray[np.float64],
    ) -> None:
        """Visit the next plants of the list, order those caught to stop."""
        before = self.found.get(alert, Found(0, 0))
        last = min(before.visited + teams * self.given.visits_per_round, plants)
        visited = draws[before.visited : last]
        caught = (visited[:, 0] < secret) & (visited[:, 1] < self.given.detection)
        self.found[alert] = Found(last, before.caught + int(caught.sum()))
        self.write(self.places[pool], caught.tolist(), alert)

    def write(self, places: tuple[str, ...], caught: list[bool], alert: str) -> None:
        """Write what each place's teams visited and stopped; they share the visits evenly."""
        each = ceil(len(caught) / len(places))
        for number, place in enumerate(places):
            mine = caught[number * each : (number + 1) * each]
            if mine:
                self.note(place, "inspected", len(mine), self.inspecting, alert)
            if any(mine):
                self.note(place, "ordered_to_stop", sum(mine), self.stopping, alert)

    def note(self, entity: str, event: str, count: int, clause: str, alert: str) -> None:
        """Write one row of the log."""
        now = self.env.now
        self.log.append(
            Event(now, "air", entity, event, alert, None, float(count), "plants", clause)
        )

    def caught_share(self, alert: str, plants: int, secret: float) -> float:
        """Return the share of those that discharge in secret who were caught so far."""
        expected = max(1.0, secret * plants)
        return min(1.0, self.found.get(alert, Found(0, 0)).caught / expected)


def after_inspection(compliance: float, caught: float) -> float:
    """Return compliance once a share of those who do not comply was caught.

    The odds of not complying fall by that share. Nobody and everybody stay what they are.
    """
    if compliance in (0.0, 1.0) or caught == 0.0:
        return compliance
    against = (1.0 - compliance) / compliance * (1.0 - caught)
    return 1.0 / (1.0 + against)
