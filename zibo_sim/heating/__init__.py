"""Heating: prices, bills and subsidies of 淄政办字〔2018〕139号, and the season that uses them."""
