// The SoC as a C library: Python loads it, writes memory, lets it run and reads memory again.
//
// One object of this library is one SoC. Times are in clock cycles since the last reset; a cycle is
// one rising edge of clk. Compiled with FORGE_MEMORIES=X(main_ram)..., the arrays that Python
// fills; FORGE_STOPS and FORGE_PERIOD from cfuforge.sim.simulator; for a CFU with a memory port
// FORGE_PORT, its width in bytes, and FORGE_REACHED, the ranges that it reaches; and FORGE_FST or
// FORGE_VCD to write waveforms.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "Vsoc.h"
#include "Vsoc___024root.h"
#include "verilated.h"
#if defined FORGE_FST || defined FORGE_VCD
#define FORGE_TRACE
#include "waveform.h"
#endif

// A signal of the CPU. The command line defines which signals are CPU_PC and so on.
#define CPU(module, signal) (soc->top->rootp->soc__DOT__##module##__DOT__##signal)
#define CFU_REQUEST(signal) CPU(Cfu, memory_request_##signal)

// The phases of Verilator's `eval` but the first, which takes in what was written from outside.
bool Vsoc___024root___eval_phase__act(Vsoc___024root *);
bool Vsoc___024root___eval_phase__nba(Vsoc___024root *);

namespace {

enum Stop : uint32_t { FORGE_STOPS };

constexpr uint64_t kBusy = 100;
#ifdef FORGE_TRACE
constexpr bool kTraced = true;
#else
constexpr bool kTraced = false;
#endif

struct Range {
  uint32_t first, last;  // addresses
};

// Watches what the CPU writes on the data bus, which shows every write: the cache is write-through.
// Also watches the requests of a CFU's memory port.
struct Watch {
  uint32_t word = 1;            // address of the watched word; 1 for none
  std::vector<Range> writable;  // in ascending order; when empty, everything is writable
  size_t recent = 0;            // the range of the last write
  uint32_t stray = 0;           // the first address that was written or reached but must not be
  uint32_t event = kBudgetSpent;
  uint32_t copy_base = 0, copy_size = 0;
  std::unique_ptr<uint8_t, void (*)(void *)> copy{nullptr, std::free};  // of what is written there

  bool Writable(uint32_t first, uint32_t last) {
    if (writable.empty()) return true;
    const auto holds = [=](const Range &range) { return range.first <= first && last <= range.last; };
    if (holds(writable[recent])) return true;
    const auto ends_before = [](const Range &range, uint32_t at) { return range.last < at; };
    const auto found = std::lower_bound(writable.begin(), writable.end(), first, ends_before);
    if (found == writable.end() || !holds(*found)) return false;
    recent = found - writable.begin();
    return true;
  }

  // The word at `address` is written, in the bytes whose bits in `lanes` are set; `astray` is the
  // event if it must not be.
  void Take(uint32_t address, uint32_t data, uint32_t lanes, Stop astray = kStray) {
    for (int i = 0; i < 4; ++i) {
      const uint32_t at = address + i - copy_base;
      if ((lanes >> i & 1) && at < copy_size) copy.get()[at] = uint8_t(data >> 8 * i);
    }
    if (!lanes || event >= kStray) return;
    const uint32_t first = address + __builtin_ctz(lanes), last = address + 31 - __builtin_clz(lanes);
    if (address == word) {
      event = kSaid;
    } else if (!Writable(first, last)) {
      event = astray;
      stray = first;
    }
  }

#ifdef FORGE_PORT
  // The CFU's port has taken a request; `word(i)` is the word with index i of its data.
  template <typename Word>
  void Request(uint32_t address, bool write, uint32_t strobe, Word word) {
    const Range reached[] = {FORGE_REACHED};
    const auto holds = [=](const Range &range) { return range.first <= address && address <= range.last; };
    address &= -FORGE_PORT;
    if (std::none_of(std::begin(reached), std::end(reached), holds)) {
      if (event >= kStray) return;
      event = kOutside;
      stray = address;
    } else if (write) {
      for (uint32_t i = 0; i < FORGE_PORT / 4; ++i) Take(address + 4 * i, word(i), strobe >> 4 * i & 15, kCfuStray);
    }
  }
#endif
};

#ifdef FORGE_PORT
uint32_t WordOf(uint64_t data, uint32_t index) { return uint32_t(data >> 32 * index); }
template <size_t kWords>
uint32_t WordOf(const VlWide<kWords> &data, uint32_t index) { return data[index]; }
#endif

struct Soc {
  std::unique_ptr<VerilatedContext> context{new VerilatedContext};
  std::unique_ptr<Vsoc> top;
  std::string uart;       // what the UART has sent
  std::string to_uart;    // what it is to receive
  size_t to_uart_at = 0;  // how many bytes of that it has taken
  bool written = true;    // inputs or memory may have been, since the last evaluation
  uint64_t cycles = 0;
  uint64_t idle = 0;  // cycles since an instruction last retired
  uint64_t quiet = 0;  // cycles since then, or since a CFU's memory port passed a request
  uint32_t store_pc = 0;  // address of the last store that retired
  Watch watch;
#ifdef FORGE_TRACE
  std::unique_ptr<Waveform> trace;
  uint64_t trace_first = 0, trace_end = 0;
#endif

  Soc() {
    context->traceEverOn(true);
    top.reset(new Vsoc{context.get()});
    top->serial_source_ready = 1;
  }

  // Makes this SoC's context the thread's, in which Verilator's runtime looks it up.
  void enter() { Verilated::threadContextp(context.get()); }

  ~Soc() {
    enter();
#ifdef FORGE_TRACE
    trace.reset();
#endif
    top->final();
  }

  void dump(int half) {
#ifdef FORGE_TRACE
    if (trace && cycles >= trace_first && cycles < trace_end) trace->dump(FORGE_PERIOD * (2 * cycles + half) / 2);
#endif
    (void)half;
  }

  // Evaluates the model after an edge of clk. What depends on inputs, and on memory that Python may
  // write, is not computed again while nobody has written them: `eval` would, at every edge.
  // A waveform's changes are only noted by `eval`.
  void edge(int level) {
    top->clk = level;
    if (written || kTraced) {
      top->eval();
      written = false;
      return;
    }
    Vsoc___024root *const root = top->rootp;
    do {
      while (Vsoc___024root___eval_phase__act(root)) {}
    } while (Vsoc___024root___eval_phase__nba(root));
  }

  void cycle() {
    edge(1);
    dump(0);
    edge(0);
    dump(1);
    ++cycles;
  }

  // One cycle with a byte at the UART's input, where it stays until it is taken.
  void cycle_with_byte() {
    top->serial_sink_valid = 1;
    top->serial_sink_data = static_cast<uint8_t>(to_uart[to_uart_at]);
    const bool taken = top->serial_sink_ready;
    written = true;
    cycle();
    top->serial_sink_valid = 0;
    written = true;
    if (taken && ++to_uart_at == to_uart.size()) {
      to_uart.clear();
      to_uart_at = 0;
    }
  }

  // Returns the watch's event, and clears it.
  uint32_t seen() {
    const uint32_t event = watch.event;
    watch.event = kBudgetSpent;
    return event;
  }
};

// Simulates one cycle; returns why it ends the run, or 0.
inline uint32_t Step(Soc *soc, uint64_t patience) {
  auto &top = *soc->top;
  soc->to_uart.empty() ? soc->cycle() : soc->cycle_with_byte();
  if (top.serial_source_valid) soc->uart.push_back(static_cast<char>(top.serial_source_data));
  if (top.finish) return kFinished;
  if (CPU_WRITES && CPU_BUS_ANSWERS) soc->watch.Take(CPU_BUS_ADDRESS << 2, CPU_BUS_DATA, CPU_BUS_LANES);
#ifdef FORGE_PORT
  if (CFU_REQUEST(valid) && CFU_REQUEST(ready)) {
    soc->watch.Request(CFU_REQUEST(address), CFU_REQUEST(write), CFU_REQUEST(strobe),
                       [=](uint32_t index) { return WordOf(CFU_REQUEST(data), index); });
    soc->quiet = 0;
  }
#endif
  const bool retires = CPU_RETIRES;  // no branches: nobody could predict them
  soc->idle = retires ? 0 : soc->idle + 1;
  soc->quiet = retires ? 0 : soc->quiet + 1;
  const uint32_t pc = CPU_PC;
  soc->store_pc = (retires & ((CPU_INSTRUCTION & 0x7f) == 0x23)) ? pc : soc->store_pc;
  return soc->quiet >= patience || soc->idle >= kBusy * patience ? kStuck : kBudgetSpent;
}

// Run for at most `budget` cycles, or until the firmware finishes, no instruction has retired for
// `patience` cycles (kBusy times as many if the CFU uses its memory port), the watch has an event, or `passed()`, called after each cycle, is not 0.
// `comes()` is called before each cycle.
template <typename Comes, typename Passed>
uint32_t Run(Soc *soc, uint64_t budget, uint64_t patience, Comes comes, Passed passed) {
  soc->enter();
  soc->written = true;
  if (soc->watch.event) return soc->seen();
  for (const uint64_t end = soc->cycles + budget; soc->cycles < end;) {
    comes();
    if (const uint32_t stop = Step(soc, patience)) return stop;
    if (const uint32_t stop = passed()) return stop;
    if (soc->watch.event) return soc->seen();
  }
  return kBudgetSpent;
}

}  // namespace

extern "C" {

Soc *forge_new() { return new Soc; }

void forge_delete(Soc *soc) { delete soc; }

// The first byte of array `index` of FORGE_MEMORIES.
uint8_t *forge_memory(Soc *soc, uint32_t index) {
#define X(name) &soc->top->rootp->soc__DOT__##name[0],
  void *const memories[] = {FORGE_MEMORIES};
#undef X
  return static_cast<uint8_t *>(memories[index]);
}

void forge_reset(Soc *soc) {
  soc->enter();
  soc->top->rst = 1;
  soc->written = true;
  for (int i = 0; i < 4; ++i) soc->cycle();
  soc->top->rst = 0;
  soc->cycles = 0;
  soc->idle = soc->quiet = 0;
  soc->uart.clear();
  soc->to_uart.clear();
  soc->to_uart_at = 0;
}

uint32_t forge_run(Soc *soc, uint64_t budget, uint64_t patience) {
  return Run(soc, budget, patience, [] {}, [] { return 0u; });
}

// From now on watch for writes to the word at `word` and outside of `writable`, which is in
// ascending order; when it is empty, all writes are allowed.
void forge_watch(Soc *soc, uint32_t word, const Range *writable, uint32_t count) {
  soc->watch.word = word;
  soc->watch.writable.assign(writable, writable + count);
  soc->watch.recent = 0;
}

// From now on copy what is written to the `size` bytes from `base` on.
uint8_t *forge_copy(Soc *soc, uint32_t base, uint32_t size) {
  auto &watch = soc->watch;
  watch.copy.reset(static_cast<uint8_t *>(std::calloc(size, 1)));
  watch.copy_base = base;
  watch.copy_size = watch.copy ? size : 0;
  return watch.copy.get();
}

uint32_t forge_stray(Soc *soc) { return soc->watch.stray; }

// The current state of the SoC; mirrored in cfuforge.sim.simulator.
struct State {
  uint64_t cycles, idle;
  uint32_t finish, pc;
  uint32_t cfu_command;              // 1: the CFU has not taken the instruction in Execute
  uint32_t execute_pc, execute_instruction;
  uint32_t cfu_answer;               // 1: the CFU has not answered the instruction in Memory
  uint32_t memory_pc, memory_instruction;
  uint32_t bus, bus_address;         // 1: the CPU waits for a read, 2: a write, 3: a fetch
  uint32_t store_pc;
};

void forge_state(Soc *soc, State *state) {
  state->cycles = soc->cycles;
  state->idle = soc->idle;
  state->finish = soc->top->finish;
  state->pc = CPU_PC;
  state->cfu_command = CPU_CFU_REFUSES;
  state->execute_pc = CPU_EXECUTE_PC;
  state->execute_instruction = CPU_EXECUTE_INSTRUCTION;
  state->cfu_answer = CPU_CFU_IN_FLIGHT && !CPU_CFU_ANSWERS;
  state->memory_pc = CPU_MEMORY_PC;
  state->memory_instruction = CPU_MEMORY_INSTRUCTION;
  const bool data = CPU_BUS_ASKS;
  state->bus = data ? 1 + CPU_WRITES : CPU_FETCH_ASKS ? 3 : 0;
  state->bus_address = (data ? CPU_BUS_ADDRESS : CPU_FETCH_ADDRESS) << 2;
  state->store_pc = soc->store_pc;
}

// Move up to `room` characters that the UART has sent to `buffer`.
uint64_t forge_uart(Soc *soc, char *buffer, uint64_t room) {
  const uint64_t count = std::min<uint64_t>(room, soc->uart.size());
  soc->uart.copy(buffer, count);
  soc->uart.erase(0, count);
  return count;
}

// Queue `size` bytes for the UART to receive.
void forge_send(Soc *soc, const char *bytes, uint64_t size) { soc->to_uart.append(bytes, size); }

// The number of queued bytes that the UART has not taken.
uint64_t forge_unsent(Soc *soc) { return soc->to_uart.size() - soc->to_uart_at; }

#ifdef FORGE_TRACE
// Write a waveform of the cycles first <= cycle < end to `path`; returns 0 if it cannot be opened.
int forge_trace(Soc *soc, const char *path, uint64_t first, uint64_t end) {
  soc->enter();
  soc->trace.reset(new Waveform);
  soc->top->trace(soc->trace->writer(), 99);
  soc->trace_first = first;
  soc->trace_end = end;
  return soc->trace->open(path);
}

// Complete the waveform; returns 0 if it could not be written to its end.
int forge_trace_close(Soc *soc) {
  const bool whole = !soc->trace || soc->trace->close();
  soc->trace.reset();
  return whole;
}
#endif
}
