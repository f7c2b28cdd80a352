// The fastest that Verilator's model of the SoC can go: eval in a loop and nothing else.

#include <cstdint>

#include "Vsoc.h"
#include "Vsoc___024root.h"
#include "verilated.h"

extern "C" {

Vsoc *bare_new() {
  auto *top = new Vsoc;
  top->serial_source_ready = 1;
  return top;
}

uint32_t *bare_memory(Vsoc *top) { return &top->rootp->soc__DOT__main_ram[0]; }

void bare_run(Vsoc *top, uint64_t cycles, int reset) {
  top->rst = reset;
  for (uint64_t cycle = 0; cycle < cycles; ++cycle) {
    top->clk = 1;
    top->eval();
    top->clk = 0;
    top->eval();
  }
}
}
