"""Each rule speaks where it should and is silent where it should be; two promises are kept."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from cfuforge import Design, Model, SimTarget, board
from cfuforge.profiles.advice import LEAST, RULES, advice
from cfuforge.sim.account.account import Account, account
from cfuforge.sw import models
from cfuforge.sw.oracle import Oracle
from support.graph import Quantisation, Tensor, one_operator
from support.kws import first_layers
from support.operators import depthwise_conv_2d

sys.path.insert(0, str(Path(__file__).parent))
from advised_cfu import requantiser

DEPTHWISE = (1, 3)
DOT = (0, 2)
Folder = Callable[[str], Path]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return tmp_path_factory.mktemp


def spent(design: Design, model: Model, inputs: Sequence[np.ndarray]) -> Account:
    found = account(SimTarget(design, board("sim")), model, inputs)
    expected = [output.ravel().tolist() for output in Oracle(model)(*inputs)]
    assert [list(output) for output in found.run.outputs] == expected
    return found


@cache
def keyword_spotting(design: Design) -> Account:
    """Return the account of the first layers of keyword spotting; the others are like them."""
    model = first_layers(max(*DEPTHWISE, *DOT) + 1)
    return spent(design, model, [np.load(models.kws_inputs()[9])])


def advised(found: Account) -> dict[int, dict[str, int]]:
    """Return what each rule promises, by layer, and check what holds of all of them."""
    result = {}
    for layer, each in advice(found).items():
        cycles = int(found.by_layer()[layer].sum())
        assert all(LEAST * cycles <= one["removable"] <= cycles for one in each)
        assert all(one["remedy"] for one in each)  # behind a semicolon: the page has it alone
        percents = [f"at most {100 * one['removable'] / cycles:.0f} %" for one in each]
        assert all(one["text"].endswith(text) for one, text in zip(each, percents, strict=True))
        assert [one["removable"] for one in each] == sorted(
            (one["removable"] for one in each), reverse=True
        )
        result[layer] = {one["rule"]: one["removable"] for one in each}
    return result


@pytest.fixture(scope="module")
def plain() -> Account:
    return keyword_spotting(Design.load("none"))


@pytest.fixture(scope="module")
def simd_mac() -> Account:
    return keyword_spotting(Design.load("simd_mac"))


@pytest.fixture(scope="module")
def in_cfu(folder: Folder) -> Account:
    return keyword_spotting(requantiser(folder("requantiser")))


@pytest.fixture(scope="module")
def waiting(folder: Folder) -> Account:
    return keyword_spotting(requantiser(folder("waiting"), wait=7))


@pytest.fixture(scope="module")
def engine() -> Account:
    return keyword_spotting(Design.load("engine"))


def small_depthwise(folder: Path, statement: str) -> Account:
    """Account for a few values, with a statement before each."""
    rng = np.random.default_rng(1)
    one = Quantisation((0.1,), 3)
    weights = rng.integers(-127, 128, (1, 3, 3, 4), np.int8)
    scales = Quantisation((0.02, 0.03, 0.01, 0.02), dimension=3)
    options = {"strideH": 1, "strideW": 1, "padding": 0, "depthMultiplier": 1}
    model = depthwise_conv_2d((1, 8, 8, 4), one, weights, scales, None, one, **options)
    values = rng.integers(-128, 128, (1, 8, 8, 4), np.int8)
    return spent(requantiser(folder, statement=statement), model, [values])


def addition() -> Account:
    """Account for a sum, which uses each value once."""
    places = [Tensor((1, 4096), Quantisation((scale,), 0)) for scale in (0.1, 0.07, 0.2)]
    model = one_operator("ADD", places[:2], [places[2]])
    rng = np.random.default_rng(2)
    values = [rng.integers(-128, 128, (1, 4096), np.int8) for _ in range(2)]
    return spent(Design.load("none"), model, values)


def test_software(plain: Account, simd_mac: Account, in_cfu: Account) -> None:
    for layer in (*DOT, *DEPTHWISE):
        found = advised(plain)[layer]
        assert next(iter(found)) == "software_multiply"
        assert "software_requantise" in found
        assert not {"cfu_instructions", "operands", "cfu_busy", "cfu_hazard"} & set(found)
        assert not {"software_multiply", "software_requantise"} & set(advised(simd_mac)[layer])
    for layer in DEPTHWISE:
        assert "software_multiply" in advised(in_cfu)[layer]
        assert "software_requantise" not in advised(in_cfu)[layer]


def test_the_cfu_and_its_operands(plain: Account, simd_mac: Account) -> None:
    for layer in DOT:
        assert {"cfu_instructions", "operands"} <= set(advised(simd_mac)[layer])


def test_requantising_in_the_cfu_wins_what_was_promised(plain: Account, in_cfu: Account) -> None:
    before, after = plain.by_layer().sum(axis=1), in_cfu.by_layer().sum(axis=1)
    for layer in DEPTHWISE:
        promised = advised(plain)[layer]["software_requantise"]
        won = int(before[layer] - after[layer])
        print(f"layer {layer}: promised {promised:,}, won {won:,}")
        assert 0.8 * promised <= won <= promised


def test_a_cfu_that_answers_at_once_wins_what_was_promised(
    waiting: Account, in_cfu: Account
) -> None:
    before, after = waiting.by_layer().sum(axis=1), in_cfu.by_layer().sum(axis=1)
    for layer in DEPTHWISE:
        assert "cfu_busy" not in advised(in_cfu)[layer]
        promised = advised(waiting)[layer]["cfu_busy"]
        won = int(before[layer] - after[layer])
        print(f"layer {layer}: promised {promised:,}, won {won:,}")
        assert 0.8 * promised <= won <= 1.2 * promised


def test_a_cfu_that_works_by_itself(simd_mac: Account, engine: Account) -> None:
    assert "cfu_waits" in advised(engine)[DEPTHWISE[0]]
    assert not any("cfu_busy" in each for each in advised(engine).values())
    assert not any("cfu_waits" in each for each in advised(simd_mac).values())


def test_tensors_that_evict_each_other(plain: Account) -> None:
    assert all("data_misses" in advised(plain)[layer] for layer in DEPTHWISE)
    assert "data_misses" not in advised(addition())[0]


def test_code_that_is_larger_than_its_cache(folder: Folder, plain: Account) -> None:
    long = '__asm__ volatile(".rept 1500\\n nop\\n .endr");'
    found = advised(small_depthwise(folder("long"), long))[0]
    assert next(iter(found)) == "instruction_misses"
    assert not any("instruction_misses" in advised(plain)[layer] for layer in DOT)


def test_results_of_the_cfu_that_are_used_at_once(folder: Folder, in_cfu: Account) -> None:
    chain = "for (int i = 0; i < 32; ++i) acc = (int32_t)(cfu_same((uint32_t)acc) + 1u);"
    back = " acc -= 32;"
    found = advised(small_depthwise(folder("chain"), chain + back))[0]
    assert "cfu_hazard" in found
    assert not any("cfu_hazard" in advised(in_cfu)[layer] for layer in DEPTHWISE)


def test_jumps(plain: Account, simd_mac: Account) -> None:
    assert all("jumps" in advised(plain)[layer] for layer in DEPTHWISE)
    assert not any("jumps" in advised(simd_mac)[layer] for layer in DOT[1:])


def test_other_results_that_are_used_at_once(plain: Account, simd_mac: Account) -> None:
    assert "used_at_once" in advised(plain)[0]
    assert not any("used_at_once" in advised(simd_mac)[layer] for layer in DOT[1:])


def test_every_rule_is_tried_here() -> None:
    here = Path(__file__).read_text()
    # At least twice: once where the rule speaks, once where it is silent.
    assert not [rule.name for rule in RULES if here.count(f'"{rule.name}"') < 2]
