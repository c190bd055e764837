"""What a worker does first, so that the first run and the first picture find all of it loaded."""

from __future__ import annotations

import gc
import os


def rehearse() -> int:
    """Run and draw once, so that all that takes is loaded; say which process did."""
    from zibo_sim.experiment import replicate
    from zibo_sim.scenario import load
    from zibo_sim.widgets.engine import Result
    from zibo_sim.widgets.pictures import COMPARE, drawn

    arm = replicate(load(), 2)
    drawn(COMPARE, Result((arm.scenario,) * 2, 0, 2, (arm, arm)), "zh")
    gc.collect()
    gc.freeze()  # what is loaded by now stays, and need not be looked through for garbage
    return os.getpid()
