// The simulator, with a log of the commands that the DRAM gets on the first phase of its clock.

#include "harness.cpp"

#define CONCATENATE_(a, b) a##b
#define CONCATENATE(a, b) CONCATENATE_(a, b)
#define PIN(name) (soc->top->rootp->CONCATENATE(DFI, name))

struct Command {
  uint64_t cycle;
  uint32_t ras, cas, we, address, bank, cke, reset_n;
};

// Runs until `room` commands or `budget` cycles are over; returns the number of commands.
extern "C" uint64_t commands_run(Soc *soc, uint64_t budget, Command *log, uint64_t room) {
  soc->enter();
  uint64_t count = 0;
  for (const uint64_t end = soc->cycles + budget; soc->cycles < end && count < room;) {
    soc->cycle();
    if (PIN(cs_n) || (PIN(ras_n) && PIN(cas_n) && PIN(we_n))) continue;
    log[count++] = {soc->cycles, !PIN(ras_n), !PIN(cas_n), !PIN(we_n), PIN(address), PIN(bank),
                    PIN(cke), PIN(reset_n)};
  }
  return count;
}
