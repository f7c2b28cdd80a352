// The simulator that follows the program: it finds the cycles in which the program reaches an
// instruction, or enters and leaves a function.

#include "harness.cpp"

#include <type_traits>
#include <utility>

namespace {

bool IsCall(uint32_t instruction) {  // jal ra or jalr ra
  return (instruction & 0xfff) == 0x0ef || (instruction & 0xfff) == 0x0e7;
}
bool IsReturn(uint32_t instruction) { return (instruction & 0xfffff) == 0x08067; }  // jalr zero, ra

struct Walk {
  uint32_t pc = 0, instruction = 0;  // of the last instruction that retired
  uint64_t begin = 0;                // the cycle after the one in which it did
  int64_t depth = 0;                 // of calls since a function was entered; below 0: it returned

  std::vector<Range> functions;  // of the program, by address
  uint32_t function = 0;         // start of the function whose instruction retired last
  uint32_t code = 0;             // the waveform's code for that signal
  Soc *soc = nullptr;

  void Count(uint32_t word) { depth += IsCall(word) - IsReturn(word); }
};

using Tracer = std::remove_pointer_t<decltype(std::declval<Waveform::Writer>().spTrace())>;

// The waveform's signal Program.function: the start address of the current function. The program
// counter changes with every instruction, too often for a viewer to show a name.
void TraceInit(void *user, Tracer *tracer, uint32_t code) {
  static_cast<Walk *>(user)->code = code;
  VL_TRACE_PUSH_PREFIX(tracer, "Program", VerilatedTracePrefixType::SCOPE_MODULE, 0, 0);
  VL_TRACE_DECL_BUS(tracer, code, 0, "function", -1, VerilatedTraceSigDirection::NONE,
                    VerilatedTraceSigKind::WIRE, VerilatedTraceSigType::LOGIC, 31, 0);
  VL_TRACE_POP_PREFIX(tracer);
}

uint32_t Function(Walk *walk) {
  const Soc *soc = walk->soc;
  if (walk->function && !CPU_RETIRES) return walk->function;
  const uint32_t pc = CPU_PC;
  const auto ends_before = [](const Range &range, uint32_t at) { return range.last < at; };
  const auto found =
      std::lower_bound(walk->functions.begin(), walk->functions.end(), pc, ends_before);
  walk->function = found != walk->functions.end() && found->first <= pc ? found->first : 0;
  return walk->function;
}

void TraceFull(void *user, Tracer::Buffer *buffer) {
  Walk *walk = static_cast<Walk *>(user);
  buffer->fullIData(buffer->oldp(walk->code), Function(walk), 32);
}

void TraceChange(void *user, Tracer::Buffer *buffer) {
  Walk *walk = static_cast<Walk *>(user);
  buffer->chgIData(buffer->oldp(walk->code), Function(walk), 32);
}

// Runs until an instruction retires for which `event(pc, instruction)` is not 0.
template <typename Event>
uint32_t Follow(Walk *walk, Soc *soc, uint64_t budget, uint64_t patience, Event event) {
  for (const uint64_t end = soc->cycles + budget; soc->cycles < end;) {
    const uint64_t now = soc->cycles;
    if (const uint32_t stop = forge_run(soc, 1, patience)) return stop;
    if (!CPU_RETIRES) continue;
    const uint32_t pc = CPU_PC, instruction = CPU_INSTRUCTION;
    const uint32_t what = event(pc, instruction);
    if (what != kEntered) walk->begin = now + 1;  // otherwise keep the begin before it
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

// As forge_trace, with the current function: one of `count` from `firsts` to `lasts`, by address.
int walk_trace(Walk *walk, Soc *soc, const char *path, uint64_t first, uint64_t end,
               const uint32_t *firsts, const uint32_t *lasts, uint64_t count) {
  soc->enter();
  walk->soc = soc;
  walk->function = 0;
  walk->functions.clear();
  for (uint64_t i = 0; i < count; ++i) walk->functions.push_back({firsts[i], lasts[i]});
  soc->trace.reset(new Waveform);
  soc->top->trace(soc->trace->writer(), 99);
  Tracer *tracer = soc->trace->writer()->spTrace();
  tracer->addInitCb(TraceInit, walk, "Program", false, 1);
  tracer->addFullCb(TraceFull, 0, walk);
  tracer->addChgCb(TraceChange, 0, walk);
  soc->trace_first = first;
  soc->trace_end = end;
  return soc->trace->open(path);
}

// As forge_run, but also returns when the instruction at `at` has retired, or the one at `first`
// unless a jump within first <= pc < end led there; walk_begin then gives the call's first cycle.
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

// As forge_run, but also returns when the function that was entered last has returned.
uint32_t walk_out(Walk *walk, Soc *soc, uint64_t budget, uint64_t patience) {
  if (walk->depth < 0) return kReturned;
  const auto event = [=](uint32_t, uint32_t instruction) -> uint32_t {
    walk->Count(instruction);
    return walk->depth < 0 ? kReturned : 0;
  };
  return Follow(walk, soc, budget, patience, event);
}
}
