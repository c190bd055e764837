"""The air of one season as the plainest hourly SimPy model: one process, plain floats.

It draws from the same named streams and follows the same equations as `zibo_sim.air`, written the
long way round, so that a reader can check the fast path against it (a test does).
"""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import simpy

from zibo_sim.air.parameters import Air
from zibo_sim.clock import Clock
from zibo_sim.streams import Streams

SPIN_UP_DAYS = 10
PM = ("primary", "sulfate", "nitrate", "organic")
SPECIES = (*PM, "so2", "nox")
HEATERS = (6, 7)  # heating boilers, residential coal
FOLLOWS = {"so2": "so2", "nox": "nox", "primary": "pm25", "organic": "voc"}


class PlainBox:
    """A slab with its mixed layer `c` up to `h` and its residual layer `r` up to `lid`."""

    def __init__(self, side_km: float, clean: dict[str, float], air: Air) -> None:
        self.side_km, self.clean, self.p = side_km, clean, air.box
        self.c, self.r, self.mean = dict(clean), dict(clean), dict(clean)
        self.velocity = dict.fromkeys(PM, 36 * air.box.deposition_pm)
        self.velocity["so2"] = 36 * air.box.deposition_so2
        self.velocity["nox"] = 36 * air.box.deposition_nox

    def step(self, before, h, lid, u, inflow, residual, emission, k_so2, k_nox) -> None:
        """Move on by an hour; `before` holds the last hour's height and lid."""
        h0, lid0 = before
        ventilation = 3.6 * u / self.side_km
        flushed = 1 - math.exp(-self.p.residual_wind * ventilation)
        for s in SPECIES:
            if h >= h0:
                taken = self.r[s] * (min(h, lid0) - h0)
                self.c[s] = (self.c[s] * h0 + taken + self.clean[s] * max(h - lid0, 0.0)) / h
            else:
                left = self.c[s] * (h0 - h)
                self.r[s] = (self.r[s] * (lid0 - h0) + left) / (lid0 - h)
            self.r[s] += (residual[s] - self.r[s]) * flushed
        for s in ("so2", "nox", *PM):
            loss = ventilation + self.velocity[s] / h
            source = ventilation * inflow[s] + emission.get(s, 0.0) / h
            if s == "so2":
                loss += k_so2
            if s == "nox":
                loss += k_nox
            if s == "sulfate":
                source += k_so2 * self.mean["so2"] * 132 / 64
            if s == "nitrate":
                source += k_nox * self.mean["nox"] * 80 / 46
            start, left = self.c[s], math.exp(-loss)
            self.c[s] = start * left + source / loss * (1 - left)
            self.mean[s] = (source + start - self.c[s]) / loss


class PlainAir:
    """Weather, region and city, hour by hour."""

    def __init__(
        self, air: Air, clock: Clock, heating_from: date, heating_to: date, streams: Streams
    ) -> None:
        self.air, self.clock, self.heating = air, clock, (heating_from, heating_to)
        names = "regime duration wind humidity direction noise temperature mixing"
        self.draw = {name: streams(f"air.weather.{name}") for name in names.split()}
        box = air.box
        clean = {s: box.background_factor * getattr(box, f"background_{s}") for s in SPECIES}
        self.region = PlainBox(box.region_side_km, clean, air)
        self.city = PlainBox(math.sqrt(box.city_area_km2), clean, air)
        self.pm25_no_measures: list[float] = []

    def run(self) -> list[float]:
        """Return the season's hourly PM2.5, µg/m³."""
        env = simpy.Environment()
        env.process(self.hours(env))
        env.run()
        return self.pm25_no_measures[24 * SPIN_UP_DAYS :]

    def hours(self, env: simpy.Environment):
        """Live through the season."""
        w, e, box = self.air.weather, self.air.emissions, self.air.box
        state, until = 0, self.sojourn(0)
        share = [1.0, 0.0, 0.0]
        x = dict.fromkeys(("wind", "humidity", "direction", "noise", "mixing"))
        anomaly = w.temperature_sigma * self.draw["temperature"].standard_normal()
        mean_c = before = None
        for hour in range(24 * (SPIN_UP_DAYS + self.clock.days)):
            day = self.clock.start + timedelta(days=hour // 24 - SPIN_UP_DAYS)
            t = hour % 24 + 0.5
            while hour >= until:
                state = self.next_regime(state, day)
                until += self.sojourn(state)
            rate = w.relaxation_front if state == 0 else w.relaxation_other
            for j in range(3):
                share[j] = (j == state) + (share[j] - (j == state)) * math.exp(-rate)

            self.wander(x, "wind", math.exp(-1 / w.wind_memory_h))
            self.wander(x, "humidity", math.exp(-1 / w.humidity_memory_h))
            self.wander(x, "direction", math.exp(-1 / w.direction_memory_h))
            self.wander(x, "noise", math.exp(-1 / w.noise_memory_h))
            if hour % 24 == 0:
                self.wander(x, "mixing", w.mixing_rho)

            normal = self.normal_c(day)
            if mean_c is None:
                mean_c = normal + anomaly
            else:
                kept = math.exp(-1 / w.temperature_memory_h)
                push = math.sqrt(1 - kept**2) * self.draw["temperature"].standard_normal()
                anomaly = anomaly * kept + w.temperature_sigma * push
                anomaly += w.temperature_front * share[0] + w.temperature_stagnation * share[2]
                anomaly += w.temperature_drift
            outdoor = normal + anomaly + w.cycle_c[hour % 24]
            mean_c += (1 - math.exp(-1 / e.heating_memory_h)) * (outdoor - mean_c)

            s = self.grown(t)
            log_wind = sum(a * math.log(b) for a, b in zip(share, w.wind_median, strict=True))
            wind = math.exp(log_wind + w.wind_sigma * x["wind"]) * (1 + w.wind_midday * s)
            u = math.sqrt(wind**2 + w.wind_floor**2)
            f = math.exp(w.mixing_sigma * x["mixing"])
            night = sum(a * b for a, b in zip(share, w.mixing_night, strict=True)) * math.sqrt(f)
            noon = sum(a * b for a, b in zip(share, w.mixing_day, strict=True)) * f
            h = night + (noon - night) * s
            rh = sum(a * b for a, b in zip(share, w.humidity, strict=True))
            rh = min(max(rh + w.humidity_sigma * x["humidity"], 5.0), 98.0)
            f_dir = math.exp(w.direction_sigma * x["direction"] - w.direction_sigma**2 / 2)
            noise = math.exp(w.noise_sigma * x["noise"] - w.noise_sigma**2 / 2)

            before = before or (h, h)
            lid = max(h, h + (before[1] - h) * math.exp(-1 / box.lid_memory_h))
            k_so2, k_nox = self.conversion(rh)
            steady, heat = self.activity(t, day, mean_c)
            rates = (k_so2, k_nox)
            clean, region = self.region.clean, self.region
            emission = self.emission(self.region_total, steady, heat)
            region.step(before, h, lid, u, clean, clean, emission, *rates)
            inflow = {s: f_dir * region.mean[s] for s in SPECIES}
            aloft = {s: f_dir * region.r[s] for s in SPECIES}
            self.city_hour(before, h, lid, u, inflow, aloft, steady, heat, rates, noise)
            before = (h, lid)
            yield env.timeout(1)

    def city_hour(self, before, h, lid, u, inflow, aloft, steady, heat, rates, noise) -> None:
        """Move the city on by an hour."""
        emission = self.emission(self.city_total, steady, heat)
        self.city.step(before, h, lid, u, inflow, aloft, emission, *rates)
        self.pm25_no_measures.append(noise * sum(self.city.mean[s] for s in PM))

    def sojourn(self, state: int) -> float:
        """Return how long a regime lasts, h."""
        w = self.air.weather
        gamma = self.draw["duration"].standard_gamma(w.duration_shape)
        return gamma * w.duration_h[state] / w.duration_shape

    def next_regime(self, state: int, day: date) -> int:
        """Return what follows a regime."""
        w, luck = self.air.weather, self.draw["regime"].random()
        if state == 0:
            return 1
        if state == 2:
            return 0 if luck < w.stagnation_to_front else 1
        logit = math.log(w.stagnation_share / (1 - w.stagnation_share))
        october = date(day.year if day.month >= 7 else day.year - 1, 10, 1)
        angle = 2 * math.pi * ((day - october).days - w.stagnation_peak_day) / 182
        return (
            2 if luck < 1 / (1 + math.exp(-logit - w.stagnation_seasonal * math.cos(angle))) else 0
        )

    def wander(self, x: dict, name: str, kept: float) -> None:
        """Move a standard autoregression on by a step."""
        push = self.draw[name].standard_normal()
        x[name] = push if x[name] is None else kept * x[name] + math.sqrt(1 - kept**2) * push

    def grown(self, t: float) -> float:
        """Return how far the mixed layer has grown at an hour of the day."""
        w = self.air.weather
        if w.growth_start_h < t <= w.growth_peak_h:
            span = w.growth_peak_h - w.growth_start_h
            return math.sin(math.pi / 2 * (t - w.growth_start_h) / span) ** 2
        if w.growth_peak_h < t < w.growth_end_h:
            span = w.growth_end_h - w.growth_peak_h
            return math.cos(math.pi / 2 * (t - w.growth_peak_h) / span) ** 2
        return 0.0

    def normal_c(self, day: date) -> float:
        """Return a day's normal temperature, °C: one harmonic through the monthly normals."""
        if not hasattr(self, "harmonic"):
            mid = 2 * np.pi * np.array([288, 318.5, 349, 15, 44.5, 74]) / 365.25
            terms = np.stack([np.ones(6), np.cos(mid), np.sin(mid)], axis=1)
            normals = np.array(self.air.weather.normal_c)
            self.harmonic = np.linalg.lstsq(terms, normals, rcond=None)[0].tolist()
        angle = 2 * math.pi * ((day - date(day.year, 1, 1)).days + 0.5) / 365.25
        mean, cosine, sine = self.harmonic
        return mean + cosine * math.cos(angle) + sine * math.sin(angle)

    def conversion(self, rh: float) -> tuple[float, float]:
        """Return the rates of SO2 to sulfate and NOx to nitrate, 1/h."""
        box = self.air.box
        sor = box.sulfur_base + box.sulfur_slope * math.exp(rh / box.sulfur_humidity)
        k_so2 = sor / ((1 - sor) * box.oxidation_time_h) if sor < 1 else math.inf
        nor = box.nitrogen_base + box.nitrogen_slope * max(rh - box.nitrogen_humidity, 0.0)
        nor = min(nor, box.nitrogen_cap)
        return min(k_so2, box.sulfur_cap), nor / ((1 - nor) * box.oxidation_time_h)

    def activity(self, t: float, day: date, mean_c: float) -> tuple[float, float]:
        """Return the hour's share of a year's and of a heating season's emission."""
        e = self.air.emissions
        g = 1 + e.diurnal_amplitude * math.cos(2 * math.pi * (t - e.diurnal_peak_h) / 24)
        g += e.semidiurnal_amplitude * math.cos(4 * math.pi * (t - e.semidiurnal_peak_h) / 24)
        heat = 0.0
        if self.heating[0] <= day <= self.heating[1]:
            degrees = max(e.heating_base_c - mean_c, 0.0) / e.normal_degrees
            heat = g / 24 / e.heating_days * degrees
        return g / 24 / 365, heat

    def city_total(self, pollutant: str) -> float:
        """Return the city's yearly emission, µg/m²."""
        e = self.air.emissions
        kt = getattr(e, f"{pollutant}_kt") * e.level * e.scale
        return kt * 1e15 / (self.air.box.city_area_km2 * 1e6)

    def region_total(self, pollutant: str) -> float:
        """Return the region's yearly emission, µg/m²."""
        e = self.air.emissions
        return getattr(e, f"region_{pollutant}") * e.level * 1e6

    def emission(self, total, steady: float, heat: float) -> dict[str, float]:
        """Return the hour's emission by species, µg/m²."""
        emitted = {}
        for species, pollutant in FOLLOWS.items():
            heating = sum(getattr(self.air.sectors, pollutant)[i] for i in HEATERS)
            emitted[species] = total(pollutant) * ((1 - heating) * steady + heating * heat)
        emitted["organic"] *= self.air.box.organic_yield
        return emitted
