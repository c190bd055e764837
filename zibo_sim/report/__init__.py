"""What a run says to its readers: a page for the terminal, a page for the browser."""

from zibo_sim.report.folder import report_folder, report_of, write_report
from zibo_sim.report.summary import summary_text

__all__ = ["report_folder", "report_of", "summary_text", "write_report"]
