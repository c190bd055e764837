"""A season under the alert plan as the plainest hourly SimPy model: plain floats and lists.

First the winter without measures, since forecasts look at it; then, hour by hour, the city with
measures, what is observed, and the office that consults, has alerts signed, and orders cuts. It
draws from the same named streams and takes the same decisions as `zibo_sim.air` (a test holds
it), for the law as printed, a region that does not join in, and without inspection teams; what a
level orders of the listed plants is taken from the list. Reports, notices and other paperwork are
left out.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from calendar import monthrange
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta

import simpy
from plain_air import FOLLOWS, HEATERS, PM, SPIN_UP_DAYS, PlainAir

from zibo_sim.air.parameters import Air
from zibo_sim.air.reductions import ReductionList
from zibo_sim.air.response import compliance
from zibo_sim.air.sectors import PACE, POLLUTANTS, SECTORS
from zibo_sim.clock import Clock
from zibo_sim.law import Law
from zibo_sim.streams import Streams

LEVELS = ("none", "yellow", "orange", "red")
MONITORED = {"pm25": 1, "pm10": 1, "so2": 1, "no2": 1, "co": 10}  # reported steps a unit
TABLES = {"pm25": "aqi.pm25_24h", "pm10": "aqi.pm10_24h", "so2": "aqi.so2_1h",
          "no2": "aqi.no2_1h", "co": "aqi.co_1h"}  # fmt: skip
REGIONAL_DAYS = {2: 1, 3: 2, 4: 3}
FORECAST_BLOCKS, DRAWN_BLOCKS = 3, 7


@dataclass
class Notice:
    """An alert."""

    number: int
    onset: int
    level: int
    begun: int = 0
    lifted: bool = False
    published: float = 0.0


@dataclass
class Stretch:
    """Hours covered without a break by windows over 200."""

    first: int
    last: int
    days: int = 0
    severe_days: int = 0
    peak: float = 0.0
    level: int = 0


@dataclass
class Cuts:
    """What the city's sectors are ordered to cut, cut, and have to make up, by sector."""

    target: list[list[float]]
    cut: list[list[float]] = field(init=False)
    owed: list[list[float]] = field(init=False)
    touched: bool = False
    ordered: bool = False
    window: float = 0.0

    def __post_init__(self) -> None:
        self.cut, self.owed = deepcopy(self.target), deepcopy(self.target)


class PlainPlan(PlainAir):
    """The alert plan at work on the plain air."""

    def __init__(
        self,
        air: Air,
        clock: Clock,
        heating_from: date,
        heating_to: date,
        law: Law,
        reductions: ReductionList,
        streams: Streams,
    ) -> None:
        super().__init__(air, clock, heating_from, heating_to, streams)
        self.law, self.reductions, self.streams = law, reductions, streams
        self.lived: list[tuple] = []
        self.species: list[dict[str, float]] = []
        self.region_pm25: list[float] = []
        self.grid = law("aqi.grid")
        self.limits = {
            p: [round(limit * steps) for limit in law(TABLES[p])] for p, steps in MONITORED.items()
        }
        self.start, self.severe = law("alert.aqi.heavy"), law("alert.aqi.severe")
        self.window, self.lift_hours = law("alert.mean.hours"), law("alert.lift.hours")
        self.valid = law("aqi.valid_hours")
        self.orders: dict[int, list] = {}
        self.alerts: list[Notice] = []
        self.decided: list[tuple[float, str, str]] = []
        self.pm25: list[float] = []
        self.aqi: list[float] = []
        self.means: list[float] = []
        self.busy, self.since = False, 0
        self.cuts = Cuts([[0.0] * len(POLLUTANTS) for _ in SECTORS])
        self.emitted = [
            [getattr(air.sectors, p)[s] * self.city_total(p) for p in POLLUTANTS]
            for s in range(len(SECTORS))
        ]
        self.pace = [getattr(air.response, f"tau_{PACE[sector]}_h") for sector in SECTORS]
        self.days = {level: law(f"alert.{level}.days") for level in LEVELS[1:]}
        self.red_peak, self.red_severe = law("alert.red.peak"), law("alert.red.days_over_300")
        self.approval = streams("air.office.approval").random(clock.hours + 1).tolist()
        self.luck = streams("air.response.compliance").random(clock.days + 1).tolist()

    # ---- the winter without measures -------------------------------------------------------

    def city_hour(self, before, h, lid, u, inflow, aloft, steady, heat, rates, noise) -> None:
        """Move the city without measures on, and remember the hour."""
        if len(self.pm25_no_measures) == 24 * SPIN_UP_DAYS:
            self.measured_city = deepcopy(self.city)
        super().city_hour(before, h, lid, u, inflow, aloft, steady, heat, rates, noise)
        self.lived.append((before, h, lid, u, inflow, aloft, steady, heat, rates, noise))
        self.species.append({"so2": self.city.mean["so2"], "nox": self.city.mean["nox"]})
        self.region_pm25.append(sum(self.region.mean[s] for s in PM))

    def run(self) -> list[float]:
        """Return the season's hourly PM2.5 with measures, µg/m³."""
        spin_up = 24 * SPIN_UP_DAYS
        self.plain = super().run()
        self.lived, self.species = self.lived[spin_up:], self.species[spin_up:]
        self.region_pm25 = self.region_pm25[spin_up:]
        self.dust = self.storms()
        self.aqi_no_measures, truth = [], []
        for hour, pm25 in enumerate(self.plain):
            air = self.species[hour]
            aqi = self.hourly_aqi(pm25, air["so2"], air["nox"], 0.0, self.dust[hour])
            self.aqi_no_measures.append(aqi)
            truth.append(self.leading(pm25, aqi))
        self.forecasts = self.forecast(truth)
        self.floor = self.regional()
        env = simpy.Environment()
        env.process(self.plan(env))
        env.run()
        return self.pm25

    def storms(self) -> list[bool]:
        """Return the hours of dust storms."""
        dust, days = self.air.dust, SPIN_UP_DAYS + self.clock.days
        arrive, spread = self.streams("air.weather.dust"), self.streams("air.weather.dust_duration")
        flags = [False] * (24 * days)
        arrival, expected = arrive.standard_exponential(), 0.0
        for day in range(days):
            month = (self.clock.start + timedelta(days=day - SPIN_UP_DAYS)).month
            weight = dust.month_weight[month - 1] / sum(dust.month_weight)
            rate = dust.storms_per_season * weight / monthrange(2019, month)[1]
            while arrival < expected + rate:
                start = int(24 * (day + (arrival - expected) / rate))
                factor = math.exp(dust.duration_sigma * spread.standard_normal())
                for hour in range(start, min(start + math.ceil(dust.duration_median_h * factor),
                                             24 * days)):  # fmt: skip
                    flags[hour] = True
                arrival += arrive.standard_exponential()
            expected += rate
        return flags[24 * SPIN_UP_DAYS :]

    def index(self, pollutant: str, concentration: float) -> int | None:
        """Return the index of a concentration as a monitor reports it."""
        limits, grid = self.limits[pollutant], self.grid
        value = max(round(concentration * MONITORED[pollutant]), 0)
        if value > limits[-1]:
            return grid[-1] if len(limits) == len(grid) else None
        i = max(bisect_left(limits, value) - 1, 0)
        rise = (grid[i + 1] - grid[i]) * (value - limits[i])
        return grid[i] - (-rise // (limits[i + 1] - limits[i]))

    def hourly_aqi(self, pm25: float, so2: float, nox: float, cut_pm: float, dusty: bool) -> int:
        """Return the AQI of an hour."""
        p = self.air.pollutants
        pm10 = p.pm10_per_pm25 * pm25 + p.pm10_coarse * (1 - p.coarse_local_share * cut_pm)
        if dusty:
            pm10 += p.dust_storm_pm10
        found = {
            "pm25": pm25,
            "pm10": pm10,
            "so2": so2,
            "no2": p.no2_share * nox,
            "co": p.co_clean + p.co_per_pm25 * pm25,
        }
        indices = [self.index(name, value) for name, value in found.items()]
        return max(index for index in indices if index is not None)

    def leading(self, pm25: float, aqi: int) -> float:
        """Return PM2.5 where it leads, else the PM2.5 whose index is the AQI."""
        if self.index("pm25", pm25) >= aqi:
            return pm25
        whole = range(self.limits["pm25"][-1] + 1)
        return max(bisect_left(whole, aqi, key=lambda c: self.index("pm25", c)), 1)

    def forecast(self, truth: list[float]) -> dict[int, list[float]]:
        """Return the forecast of hourly AQI issued every morning, by hour of issue."""
        given, draw = self.air.forecast, self.streams("air.forecast.error")
        blocks = FORECAST_BLOCKS
        issued, before = {}, None
        for issue in range(given.issue_hour, len(truth), 24):
            noise = [draw.standard_normal() for _ in range(DRAWN_BLOCKS)][:blocks]
            for lead in range(1, blocks):
                rest = math.sqrt(1 - given.rho_lead**2)
                noise[lead] = given.rho_lead * noise[lead - 1] + rest * noise[lead]
            if before is not None:
                rest = math.sqrt(1 - given.rho_issue**2)
                noise = [given.rho_issue * a + rest * b for a, b in zip(before, noise, strict=True)]
            before = noise
            climate = math.log(given.climate_pm25[self.clock.date(issue).month - 1])
            row: list[float] = []
            for lead in range(blocks):
                block = truth[issue + 24 * lead : issue + 24 * lead + 24]
                if not block:
                    continue
                mean = sum(block) / len(block)
                pull = given.error_scale * (1 - given.weight[lead])
                spread = given.error_scale * given.sigma[lead]
                log_mean = (1 - pull) * math.log(mean) + pull * climate
                log_mean += given.bias + spread * noise[lead]
                scale = math.exp(log_mean) / mean
                row += [self.index("pm25", scale * pm25) for pm25 in block]
            issued[issue] = row
        return issued

    def regional(self) -> list[int]:
        """Return the level that the upper level asks for, by hour."""
        given, draw = self.air.regional, self.streams("air.regional.error")
        floor = [0] * self.clock.hours
        for issue in self.forecasts:
            factor, days = math.exp(given.sigma * draw.standard_normal()), 0
            for day in range(max(REGIONAL_DAYS)):
                block = self.region_pm25[issue + 24 * day : issue + 24 * day + 24]
                if len(block) < 24 or sum(block) / 24 * factor <= given.threshold_pm25:
                    break
                days += 1
            arrived = issue + given.arrives_after_h
            for hour in range(arrived, min(arrived + 24, len(floor))):
                floor[hour] = REGIONAL_DAYS.get(days, 0)
        return floor

    # ---- hour by hour ----------------------------------------------------------------------

    def plan(self, env: simpy.Environment):
        """Live through the season: the last hour becomes known, orders start, offices consult."""
        for hour in range(self.clock.hours):
            if hour > 0:
                self.observe(hour - 1)
                for order in self.orders.pop(hour, []):
                    self.carry_out(*order)
                if not self.busy and self.consulting(hour):
                    self.consult(env, hour)
            yield env.timeout(1)
        self.observe(self.clock.hours - 1)

    def observe(self, hour: int) -> None:
        """Move the city with measures on by an hour, and measure it."""
        before, h, lid, u, inflow, aloft, steady, heat, rates, noise = self.lived[hour]
        emission = self.emission(self.city_total, steady, heat)
        cut_pm = 0.0
        if self.cuts.touched:
            avoided = self.avoided(steady, heat)
            for species, pollutant in FOLLOWS.items():
                factor = self.air.box.organic_yield if species == "organic" else 1.0
                emission[species] -= factor * avoided[pollutant]
            pm = POLLUTANTS.index("pm")
            cut_pm = avoided["pm"] / sum(
                row[pm] * (heat if s in HEATERS else steady) for s, row in enumerate(self.emitted)
            )
        city = self.measured_city
        city.step(before, h, lid, u, inflow, aloft, emission, *rates)
        base = self.plain[hour] / noise
        pm25 = base + self.air.response.elasticity * (sum(city.mean[s] for s in PM) - base)
        self.pm25.append(noise * pm25)
        dusty = self.dust[hour]
        air = self.pm25[-1], city.mean["so2"], city.mean["nox"]
        self.aqi.append(self.hourly_aqi(*air, cut_pm, dusty))
        self.means.append(self.mean_of_day(self.aqi, self.dust, hour))

    def avoided(self, steady: float, heat: float) -> dict[str, float]:
        """Return what is not emitted in an hour, µg/m², and move every cut on."""
        given, cuts = self.air.response, self.cuts
        paying = cuts.window > 0
        making = given.rebound_share if paying or cuts.ordered else 0.0
        due = 1 / cuts.window if paying else 0.0
        avoided = [0.0] * len(POLLUTANTS)
        for s, tau in enumerate(self.pace):
            output = heat if s in HEATERS else steady
            decay = math.exp(-1 / tau)
            average = tau * (1 - decay)
            for p in range(len(POLLUTANTS)):
                target, cut = cuts.target[s][p], cuts.cut[s][p]
                forgone = (target + (cut - target) * average) * output
                cut = target + (cut - target) * decay
                cuts.cut[s][p] = cut if cut > 1e-12 or target > 0 else 0.0
                paid = cuts.owed[s][p] * due
                cuts.owed[s][p] += making * forgone - paid
                avoided[p] += (forgone - paid) * self.emitted[s][p]
        if paying:
            cuts.window -= 1
        return dict(zip(POLLUTANTS, avoided, strict=True))

    def carry_out(self, alert: Notice, level: int, hour: int) -> None:
        """Start the response of a level, or end the response at level 0."""
        cuts = self.cuts
        if level == 0:
            if cuts.ordered:
                cuts.window = float(self.air.response.rebound_h)
            cuts.target = [[0.0] * len(POLLUTANTS) for _ in SECTORS]
            cuts.ordered = False
        elif not alert.lifted and alert.level == level:
            luck = self.luck[int(alert.published // 24)]
            complied = compliance(self.air.response, LEVELS[level], luck)
            heating = self.heating[0] <= self.clock.date(hour) <= self.heating[1]
            orders = self.reductions.orders(LEVELS[level], heating)
            cuts.target = [[complied * cut for cut in row] for row in orders.physical.tolist()]
            cuts.touched = cuts.ordered = True
            cuts.window = 0.0

    # ---- what the office sees ----------------------------------------------------------------

    def consulting(self, hour: int) -> bool:
        """Say whether a consultation is held at an hour."""
        given, issue = self.air.consultation, self.air.forecast.issue_hour
        if self.aqi[hour - 1] > self.start or self.floor[hour] != self.floor[hour - 1]:
            return True
        day = self.clock.start + timedelta(days=hour // 24)
        if hour % 24 == given.routine_hour and day.weekday() == given.routine_weekday:
            return True
        if (hour - 1) % 24 != issue or hour - 1 not in self.forecasts:
            return False
        row = self.forecasts[hour - 1]
        days = [row[24 * d : 24 * d + 24] for d in range(self.law("alert.horizon.days"))]
        called = any(sum(day) / 24 > self.law("alert.consult.aqi") for day in days)
        return called or self.in_force() is not None

    def in_force(self) -> Notice | None:
        """Return the alert in force."""
        return self.alerts[-1] if self.alerts and not self.alerts[-1].lifted else None

    def mean_of_day(self, aqi: list[float], dust: list[bool], end: int) -> float:
        """Return the mean of the 24 hours ending with hour `end`, NaN where there is none."""
        first = end - self.window + 1
        if first < 0 or any(dust[first : end + 1]):
            return math.nan
        values = [value for value in aqi[first : end + 1] if not math.isnan(value)]
        return round(sum(values) / len(values), 9) if len(values) >= self.valid else math.nan

    def stretches(self, means: list[float]) -> list[Stretch]:
        """Return the stretches of heavy pollution with their levels."""
        found: list[Stretch] = []
        run, severe = [0] * len(means), [0] * len(means)
        for end, mean in enumerate(means):
            earlier = end - self.window
            if mean > self.severe:
                severe[end] = 1 + (severe[earlier] if earlier >= 0 else 0)
            if not mean > self.start:
                continue
            run[end] = 1 + (run[earlier] if earlier >= 0 else 0)
            if not found or end - found[-1].last > self.window:
                found.append(Stretch(end, end))
            stretch = found[-1]
            stretch.last = end
            stretch.days = max(stretch.days, run[end])
            stretch.severe_days = max(stretch.severe_days, severe[end])
            stretch.peak = max(stretch.peak, mean)
        for stretch in found:
            stretch.level = self.level_of(stretch)
        return found

    def level_of(self, s: Stretch) -> int:
        """Return the level a stretch calls for."""
        if s.peak >= self.red_peak:
            return 3
        if s.days >= self.days["red"] and s.severe_days >= self.red_severe:
            return 3
        if s.days >= self.days["orange"]:
            return 2
        return 1 if s.days >= self.days["yellow"] else 0

    def episodes(self, means: list[float]) -> list[Stretch]:
        """Return stretches joined where fewer than 36 clean hours lie between them."""
        merged: list[Stretch] = []
        for s in self.stretches(means):
            if merged:
                into = merged[-1]
                between = means[into.last + 1 : s.first]
                if sum(mean <= self.start for mean in between) < self.lift_hours:
                    into.last, into.level = s.last, max(into.level, s.level)
                    continue
            merged.append(s)
        return merged

    def consult(self, env: simpy.Environment, hour: int) -> None:
        """Join what was observed with the newest forecast, judge it, and act."""
        issued = hour - (hour - self.air.forecast.issue_hour) % 24
        if issued not in self.forecasts:
            return
        ahead = self.forecasts[issued][hour - issued :]
        start = self.running_since(hour)
        aqi = self.aqi[start:hour] + ahead
        dust = self.dust[start : hour + len(ahead)]
        means = self.means[start:hour]
        now = len(means)
        means += [self.mean_of_day(aqi, dust, end) for end in range(now, len(aqi))]
        level, onset = 0, hour
        for episode in self.episodes(means):
            if episode.last >= now and episode.level > 0:
                level, onset = episode.level, start + episode.first - self.window + 1
                break
        alert, remaining = self.in_force(), 0
        if alert is not None and alert.level == 3:
            coming = [self.mean_of_day(ahead, self.dust[hour:], end) for end in range(len(ahead))]
            remaining = max((s.level for s in self.stretches(coming)), default=0)
        last = self.means[hour - 1]
        present = 2 if last > self.severe else 1 if last > self.start else 0
        soon = means[max(now - 1, 0) : max(now - 1 + self.lift_hours, 0)]
        enough = 2 * sum(not math.isnan(mean) for mean in soon) >= self.lift_hours
        clean = enough and not any(mean > self.start for mean in soon)
        eased = enough and not any(mean > self.severe for mean in soon)
        asked = self.floor[hour]
        if asked > 0:
            level, remaining, clean = max(level, asked), max(remaining, asked), False
        self.decide(env, hour, level, onset, present, clean, eased, remaining)

    def running_since(self, now: int) -> int:
        """Return an hour before whatever still runs."""
        clean, hour = 0, now
        while hour > self.since and clean <= self.lift_hours:
            hour -= 1
            clean = clean + 1 if self.means[hour] <= self.start else 0
        return max(hour - self.window, self.since)

    # ---- what the office does ----------------------------------------------------------------

    def decide(self, env, hour, level, onset, present, clean, eased, remaining) -> None:
        """Publish, upgrade, lower or lift."""
        alert = self.in_force()
        if alert is None:
            if level > 0:
                env.process(self.publish(env, onset, level))
            return
        alert.begun = max(alert.begun, present)
        if clean and (level == 0 or alert.begun > 0):
            env.process(self.lift(env, alert))
        elif level > alert.level:
            env.process(self.change(env, alert, level, "upgraded"))
        elif alert.level == 3 and (alert.begun == 2 or level < 3) and eased and remaining < 3:
            self.since = max(0, hour - self.window)
            env.process(self.change(env, alert, max(remaining, 1), "lowered"))

    def approve(self, env: simpy.Environment):
        """Have it signed: a triangular time."""
        c, u = self.air.consultation, self.approval[int(env.now)]
        width, rise = c.approval_high_h - c.approval_low_h, c.approval_mode_h - c.approval_low_h
        self.busy = True
        if u * width < rise:
            yield env.timeout(c.approval_low_h + math.sqrt(u * width * rise))
        else:
            yield env.timeout(c.approval_high_h - math.sqrt((1 - u) * width * (width - rise)))
        self.busy = False

    def publish(self, env: simpy.Environment, onset: int, level: int):
        """Issue an alert."""
        yield from self.approve(env)
        alert = Notice(len(self.alerts), onset, level, published=env.now)
        self.alerts.append(alert)
        self.respond(env, alert, "published")

    def change(self, env: simpy.Environment, alert: Notice, level: int, how: str):
        """Upgrade or lower an alert."""
        yield from self.approve(env)
        alert.level = level
        self.respond(env, alert, how)

    def respond(self, env: simpy.Environment, alert: Notice, how: str) -> None:
        """Have the response begin when the alert says."""
        self.decided.append((env.now, how, LEVELS[alert.level]))
        begins = math.ceil(max(env.now, alert.onset - self.air.response.begins_before_h))
        self.orders.setdefault(begins, []).append((alert, alert.level, begins))

    def lift(self, env: simpy.Environment, alert: Notice):
        """Lift an alert; the response ends with it."""
        yield from self.approve(env)
        self.decided.append((env.now, "lifted", LEVELS[alert.level]))
        alert.lifted = True
        ends = math.ceil(env.now)
        self.orders.setdefault(ends, []).append((alert, 0, ends))
