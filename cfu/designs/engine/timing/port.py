"""The memory port: writes go first, reads take what they leave."""

from __future__ import annotations

from collections import deque

__all__ = ["Port"]


class Port:
    """The beats of the port, over time.

    Writes are noted with the time in which they are spread; reads must be given in order, each
    after all writes that begin before it ends.
    """

    def __init__(self) -> None:
        self._writes: deque[tuple[float, float, float]] = deque()  # begin, end, beats a cycle

    def write(self, begin: float, end: float, beats: int) -> None:
        """Note writes, evenly spread from `begin` to `end`."""
        if beats:
            end = max(end, begin + beats)
            self._writes.append((begin, end, beats / (end - begin)))

    def read(self, begin: float, beats: float) -> float:
        """Return when so many beats that are asked for from `begin` on have been read."""
        while self._writes and self._writes[0][1] <= begin:
            self._writes.popleft()
        now = begin
        for first, last, rate in self._writes:
            if not beats:
                break
            if last <= now:
                continue
            if first > now:
                if beats <= first - now:
                    return now + beats
                beats -= first - now
                now = first
            free = (1 - rate) * (last - now)
            if beats <= free:
                return now + beats / (1 - rate)
            beats -= free
            now = last
        return now + beats
