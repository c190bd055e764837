"""Idle shares, fees and the yearly assessment on rows written by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from zibo_sim.clock import Clock, WorkingTime
from zibo_sim.cloud.ledger import CloudLedger, Span, Step
from zibo_sim.cloud.outcomes import cloud_metrics, fee_lines
from zibo_sim.cloud.parameters import Cloud
from zibo_sim.cloud.requests import Request
from zibo_sim.cloud.review import review, settlement
from zibo_sim.cloud.traits import PAYERS, Stock, Traits, draw_stock, initial
from zibo_sim.law.book import book
from zibo_sim.streams import Streams

TURN = Clock(date(2018, 12, 1), date(2019, 1, 31))
HALF = 31 * 24


def stock(vcpu, use, payer=0):
    size = np.array([float(vcpu)])
    return Stock(size, size * 0, size * 0, np.array([use]), np.array([payer]))


def ledger(*requests, stock=None, steps=(), **groups):
    cloud = Cloud.model_validate(groups)
    rows = {"steps": list(steps), "stock": stock or Stock()}
    return CloudLedger(TURN, cloud, WorkingTime(TURN), list(requests), **rows)


def joined(name, hour, live, vcpu, **traits):
    request = Request(name, "new", 0.0, vcpu, traits=Traits(**traits))
    return request, [
        Step(name, "submitted", 0.0), Step(name, "test_from", hour), Step(name, "live", live),
    ]  # fmt: skip


def test_idle_and_over_provisioned_are_told_apart():
    one, first = joined("N1", 10.0, 20.0, 30, use=0.1)
    two, second = joined("N2", 10.0, 20.0, 10, use=0.9)
    late, third = joined("N3", 9999.0, 9999.0, 500, use=0.01)
    book_ = ledger(one, two, late, stock=stock(60, 0.01), steps=[*first, *second, *third])
    found = cloud_metrics(book_)
    assert found["cloud.idle_share"] == pytest.approx(0.6)
    assert found["cloud.overprovisioned_share"] == pytest.approx(0.3)
    assert cloud_metrics(ledger())["cloud.idle_share"] is None


def test_a_year_is_paid_for_what_was_held_in_it():
    prices = {"vcpu_yuan": 8760.0, "memory_yuan": 0.0, "storage_yuan": 0.0}
    new, steps = joined("N1", 0.0, HALF + 24.0, 2, payer="linzi")
    book_ = ledger(new, stock=stock(1, 0.5), steps=steps, fees=prices)
    owed = {(f.year, f.payer): f.yuan for f in fee_lines(book_)}
    assert owed == pytest.approx(
        {(2018, "city"): HALF, (2019, "city"): HALF, (2019, "linzi"): 2 * 30 * 24}
    )
    assert set(settlement(book_)["settled_in"]) == {2019, 2020}
    tested = ledger(new, stock=stock(1, 0.5), steps=steps, fees={**prices, "test_charged": True})
    assert {(f.year, f.payer): f.yuan for f in fee_lines(tested)}[2018, "linzi"] == 2 * HALF


def test_an_exit_ends_what_its_payer_owes_and_use_may_be_charged():
    prices = {"vcpu_yuan": 8760.0, "memory_yuan": 0.0, "storage_yuan": 0.0}
    leave = Request("X1", "exit", 0.0, -10)
    steps = [Step("X1", "exited", 24.0)]
    gone = ledger(leave, stock=stock(10, 0.25), steps=steps, fees=prices)
    assert [f.yuan for f in fee_lines(gone)] == pytest.approx([10 * 24])
    used = ledger(stock=stock(10, 0.25), fees={**prices, "charged": "used"})
    assert sum(f.yuan for f in fee_lines(used)) == pytest.approx(2.5 * 2 * HALF)


def test_lost_availability_is_deducted_as_the_contract_says():
    fees = {"quality_deduction": 0.1}
    book_ = ledger(stock=stock(10, 0.5), fees=fees)
    book_.unplanned.append(Span(0.0, 2 * HALF * 0.02))
    for fee in fee_lines(book_):
        assert fee.deduction_yuan == pytest.approx(0.2 * fee.catalogue_yuan)
        assert fee.yuan == pytest.approx(0.8 * fee.catalogue_yuan)


def test_the_stock_holds_exactly_what_is_promised_before():
    cloud = Cloud()
    drawn = draw_stock(cloud, Streams(1))
    held = initial(cloud)
    assert drawn.vcpu.sum() == pytest.approx(held.vcpu)
    assert drawn.memory_gb.sum() == pytest.approx(held.memory_gb)
    assert drawn.storage_gb.sum() == pytest.approx(held.storage_gb)
    empty = Cloud.model_validate({"capacity": {"initial_allocation_share": 0.0}})
    assert draw_stock(empty, Streams(1)).vcpu.sum() == 0


def test_the_share_of_districts_is_kept():
    districts = Cloud.model_validate({"fees": {"district_share": 1.0}})
    assert (draw_stock(districts, Streams(1)).payer > 0).all()
    assert draw_stock(districts, Streams(1)).payer.max() == len(PAYERS) - 1
    city = Cloud.model_validate({"fees": {"district_share": 0.0}})
    assert (draw_stock(city, Streams(1)).payer == 0).all()


def test_the_assessment_names_every_aspect_of_the_text_and_leaves_open_what_it_cannot_measure():
    law, book_ = book(), ledger(stock=stock(60, 0.01, payer=3))
    found = review(book_, law).set_index("measure")
    aspects = [*law("cloud.review.providers"), *law("cloud.review.users")]
    assert set(found["aspect"]) == set(aspects)
    assert found.loc["idle", "value"] == 1.0
    assert found.loc["idle", "subject"] == PAYERS[3]
    assert found.loc[["satisfaction", "security", "standards"], "value"].isna().all()
    assert {law.document_of(clause).number for clause in found["clause"]} == {
        "淄政办字〔2018〕147号"
    }
