"""The product grows for a reason only."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from size import BUDGET, lines


def test_the_budget_is_kept_and_means_something() -> None:
    total = sum(counts.total() for counts in lines().values())
    assert 0.98 * BUDGET <= total <= BUDGET, "see BUDGET in size.py"
