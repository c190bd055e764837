"""The rules applied to real files: bills, subsidies, alerts and clocks from CSV and Excel."""
