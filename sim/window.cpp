// The simulator that follows the program: in which cycle does it reach an instruction, enter a
// function, leave it again?

#include HARNESS

namespace {

enum : uint32_t { kReached = 3, kEntered = 4, kReturned = 5 };  // beside Stop's

bool IsCall(uint32_t instruction) {  // jal ra or jalr ra
  return (instruction & 0xfff) == 0x0ef || (instruction & 0xfff) == 0x0e7;
}
bool IsReturn(uint32_t instruction) { return (instruction & 0xfffff) == 0x08067; }  // jalr zero, ra

struct Walk {
  uint32_t pc = 0, instruction = 0;  // of the last instruction that retired,
  uint64_t begin = 0;                // and the cycle after that in which it did
  int64_t depth = 0;                 // of calls since a function was entered; below 0: it returned

  void Count(uint32_t word) { depth += IsCall(word) - IsReturn(word); }
};

// Runs until an instruction retires of which `event(pc, instruction)` is not 0.
template <typename Event>
uint32_t Follow(Walk *walk, Soc *soc, uint64_t budget, uint64_t patience, Event event) {
  for (const uint64_t end = soc->cycles + budget; soc->cycles < end;) {
    const uint64_t now = soc->cycles;
    if (const uint32_t stop = forge_run(soc, 1, patience)) return stop;
    if (!CPU_RETIRES) continue;
    const uint32_t pc = CPU_PC, instruction = CPU_INSTRUCTION;
    const uint32_t what = event(pc, instruction);
    if (what != kEntered) walk->begin = now + 1;  // else what came before is asked for
    walk->pc = pc;
    walk->instruction = instruction;
    if (what) return what;
  }
  return kBudgetSpent;
}

}  // namespace

extern "C" {

Walk *walk_new() { return new Walk; }
void walk_delete(Walk *walk) { delete walk; }
uint64_t walk_begin(Walk *walk) { return walk->begin; }

// As forge_run, but comes back as well when the instruction at `at` has retired, or that at `first`
// otherwise than by a jump from within first <= pc < end; what it waited for begins at walk_begin.
uint32_t walk_until(Walk *walk, Soc *soc, uint64_t budget, uint64_t patience, uint32_t at,
                    uint32_t first, uint32_t end) {
  const auto event = [=](uint32_t pc, uint32_t instruction) -> uint32_t {
    if (pc == at) return kReached;
    const bool loops = walk->pc >= first && walk->pc < end && !IsCall(walk->instruction);
    if (pc != first || loops) return 0;
    walk->depth = 0;
    walk->Count(instruction);
    return kEntered;
  };
  return Follow(walk, soc, budget, patience, event);
}

// As forge_run, but comes back as well when the function that was entered last has returned.
uint32_t walk_out(Walk *walk, Soc *soc, uint64_t budget, uint64_t patience) {
  if (walk->depth < 0) return kReturned;
  const auto event = [=](uint32_t, uint32_t instruction) -> uint32_t {
    walk->Count(instruction);
    return walk->depth < 0 ? kReturned : 0;
  };
  return Follow(walk, soc, budget, patience, event);
}
}
