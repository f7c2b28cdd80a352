"""A program, run by `cfuforge.base.tools`, that ends what an ended process has left running.

Its arguments are a pipe that the process holds open, the name of an environment variable, and the
value that marks what the process has started. It may use only the standard library.
"""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path


def reap(pipe: int, variable: str, token: str) -> None:
    """Wait until the other end of `pipe` is closed, then kill all processes that carry `token`."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while os.read(pipe, 1):
        pass
    while marked := _marked(f"{variable}=".encode(), token.encode()):
        for process in marked:
            with suppress(OSError):  # already ended
                os.kill(process, signal.SIGKILL)


def _marked(variable: bytes, token: bytes) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal() or int(folder.name) == os.getpid():
            continue
        try:
            values = (folder / "environ").read_bytes().split(b"\0")
        except OSError:  # another user's, or ended
            continue
        if any(each.startswith(variable) and token in each for each in values):
            found.append(int(folder.name))
    return found


if __name__ == "__main__":
    reap(int(sys.argv[1]), sys.argv[2], sys.argv[3])
