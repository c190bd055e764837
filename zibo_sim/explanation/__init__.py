"""From a metric to the events it is made of, and from the events to the clauses behind them."""
