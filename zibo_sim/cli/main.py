"""The way in: what goes wrong is said in a line and an exit status, never in a traceback.

Exit status: 0 done, 1 a check failed or input was refused, 2 wrong usage, 130 interrupted.
Set ``ZIBO_SIM_TRACEBACK=1`` to see where an unexpected error came from.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from click import ClickException

DONE, FAILED, INTERRUPTED, NO_PIPE = 0, 1, 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    sys.unraisablehook = _unraisable
    try:
        status = _guarded(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        status = NO_PIPE
    except OSError as error:
        _say(_said_of(error))
        status = FAILED
    except KeyboardInterrupt:
        _say("interrupted 已中断")
        status = INTERRUPTED
    if status in (NO_PIPE, FAILED, INTERRUPTED):
        _drop_output()
    return status


def _guarded(arguments: Sequence[str] | None) -> int:
    # Imported here, so that an interruption while they load is caught as well.
    import click

    # Importing these adds their commands.
    from zibo_sim.cli import (  # noqa: F401
        air,
        air_cuts,
        app,
        attribution,
        cloud,
        desk,
        experiments,
        explain,
        guide,
        inputs,
        ledger,
        sensitivity,
        simulate,
        study,
    )
    from zibo_sim.cli.group import cli
    from zibo_sim.errors import ZiboSimError
    from zibo_sim.faults import said_faults

    try:
        lang = _language(arguments)
        cli.main(arguments, prog_name="zibo-sim", standalone_mode=False, obj=lang)
    except click.ClickException as error:
        _wrong_usage(error, _language(arguments))
        return error.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except ZiboSimError as error:
        _say(*said_faults(str(error), _language(arguments)).splitlines())
        return FAILED
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else DONE
    except OSError:
        raise
    except Exception as error:
        if os.environ.get("ZIBO_SIM_TRACEBACK"):
            raise
        _say(f"unexpected {type(error).__name__}: {error}", "a fault of zibo-sim: please report it")
        return FAILED
    return DONE


def _wrong_usage(error: ClickException, lang: str) -> None:
    import click

    from zibo_sim.faults import said_usage

    if lang != "zh" or isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "zibo-sim"
    _say(said_usage(error.format_message(), lang), f"用法见 {command} --help")


def _said_of(error: OSError) -> str:
    """Say what the system refused: of a file by its name, else of standard output."""
    reason = error.strerror or str(error)
    if error.filename is None:
        return f"standard output cannot be written: {reason}"
    return f"{error.filename}: {reason}"


def _language(arguments: Sequence[str] | None) -> str:
    """Return the language that was asked for, wherever the command's line was read up to."""
    from zibo_sim.words import LANGUAGES, choose_language

    line = list(sys.argv[1:] if arguments is None else arguments)
    asked = [then for option, then in pairwise(line) if option == "--lang"]
    asked += [word.removeprefix("--lang=") for word in line if word.startswith("--lang=")]
    return asked[-1] if asked and asked[-1] in LANGUAGES else choose_language()


def _unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    """Keep an interruption that falls into the clean-up of a generator from being lost or shown."""
    if unraisable.exc_type is KeyboardInterrupt:
        again = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
        again.daemon = True
        again.start()
    elif os.environ.get("ZIBO_SIM_TRACEBACK"):
        sys.__unraisablehook__(unraisable)


def _say(*lines: str) -> None:
    for line in lines:
        print(f"zibo-sim: {line}", file=sys.stderr)


def _drop_output() -> None:
    """Write what can still be written, and let nothing fail at the interpreter's end."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
