"""Set the number of random examples of a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

__all__ = ["examples"]

_SHARE = {"thorough": 1, "quick": 12}.get(settings.get_current_profile_name(), 4)


def examples(count: int) -> Callable[[Any], Any]:
    """Decorate a test with ``@given`` to try `count` examples in a thorough run.

    `make test` tries a quarter of them, `make test-quick` a twelfth, `make test-more` all of them.
    """
    chosen = settings(
        max_examples=max(1, count // _SHARE),
        deadline=None,
        print_blob=True,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.filter_too_much,
        ],
    )
    return lambda test: pytest.mark.random(chosen(test))
