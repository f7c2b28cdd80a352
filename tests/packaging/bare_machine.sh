#!/usr/bin/env bash
# What is committed, on a machine that has nothing: `make sim`, then one test of each tool. The home, the checkout and the
# cache are new and their paths have a blank and a letter that is not ASCII; of the environment only PATH is left.
set -euo pipefail
tests=(
  tests/cfu/test_verilog.py      # yosys
  tests/sw/test_toolchain.py     # zig
  tests/sim/test_simulator.py    # Verilator
  tests/cfu/test_cocotb_units.py # cocotb
  tests/gateware/test_area.py::test_an_ice40_has_as_many_multipliers_and_block_rams_as_nextpnr_packs
)
downloads=${PIP_CACHE_DIR:-$HOME/.cache/pip} # what is there of them need not come again
source=$(cd "$(dirname "$0")/../.." && pwd)
machine=$(mktemp -d "/var/tmp/a bäre machine.XXXXXX") # YoWASP's tools do not see /tmp
trap 'rm -rf "$machine"' EXIT
mkdir "$machine/home"
git clone -q "$source" "$machine/checkout"
cd "$machine/checkout"
bare() {
  env -i PATH=/usr/bin:/bin HOME="$machine/home" PIP_CACHE_DIR="$downloads" "$@"
}
bare make sim
bare make test TESTS="${tests[*]}"
