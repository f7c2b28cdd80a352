/* Initialises the DRAM through LiteDRAM's DFII registers, with which software drives its pins. */
#include "dram.h"

#ifdef SOC_DRAM_STEPS
#include "message.h"
#include "platform.h"

namespace {

/* Addresses of the DFII registers of one phase of the DRAM clock. */
struct Phase {
  uint32_t command, issue, row_or_column, bank, write_data, read_data;
};
constexpr Phase kPhases[] = {SOC_DRAM_PHASES};

enum Command : uint32_t { kSelect = 1, kWe = 2, kCas = 4, kRas = 8, kWrite = 16, kRead = 32 };
constexpr uint32_t kActivate = kSelect | kRas;
constexpr uint32_t kPrecharge = kSelect | kRas | kWe;
constexpr uint32_t kHardwareControl = 1;
constexpr uint32_t kIsControl = 0x100; /* in the command of a step: a value for the control register */
constexpr uint32_t kSettled = 32;      /* cycles after which any command is complete */

struct Step {
  uint32_t row_or_column, bank, command, cycles;
};
constexpr Step kSteps[] = {SOC_DRAM_STEPS};

volatile uint32_t &Register(uint32_t address) {
  return *reinterpret_cast<volatile uint32_t *>(address);
}

void Wait(uint32_t cycles) {
  for (const uint32_t begin = mcycle_low(); mcycle_low() - begin < cycles;) {
  }
}

void Issue(const Phase &phase, uint32_t command, uint32_t row_or_column, uint32_t bank) {
  Register(phase.row_or_column) = row_or_column;
  Register(phase.bank) = bank;
  Register(phase.command) = command;
  Register(phase.issue) = 1;
}

void Initialise() {
  Register(SOC_DRAM_CONTROL_ADDR) = 0;
  for (const Step &step : kSteps) {
    if (step.command & kIsControl) {
      Register(SOC_DRAM_CONTROL_ADDR) = step.command & ~kIsControl;
    } else {
      Issue(kPhases[0], step.command, step.row_or_column, step.bank);
    }
    Wait(step.cycles + kSettled);
  }
}

/* Pseudo-random bits, one word after another. */
uint32_t Next(uint32_t bits) { return bits * 1664525u + 1013904223u; }

#ifdef SOC_DRAM_LANES
/* Writes a burst and reads it back; returns whether byte lane `lane` is right. */
bool ReadsBack(int lane, uint32_t bits) {
  const Phase &writing = kPhases[SOC_DRAM_WRITE_PHASE], &reading = kPhases[SOC_DRAM_READ_PHASE];
  Issue(kPhases[0], kActivate, SOC_DRAM_LAST_ROW, SOC_DRAM_LAST_BANK);
  Wait(kSettled);
  uint32_t expected = bits;
  for (const Phase &phase : kPhases) Register(phase.write_data) = expected = Next(expected);
  Issue(writing, kSelect | kCas | kWe | kWrite, 0, SOC_DRAM_LAST_BANK);
  Wait(kSettled);
  Issue(reading, kSelect | kCas | kRead, 0, SOC_DRAM_LAST_BANK);
  Wait(kSettled);
  expected = bits;
  uint32_t wrong = 0;
  for (const Phase &phase : kPhases) {
    wrong |= Register(phase.read_data) ^ (expected = Next(expected));
  }
  Issue(kPhases[0], kPrecharge, 0, SOC_DRAM_LAST_BANK);
  Wait(kSettled);
  for (int beat = lane; beat < 4; beat += SOC_DRAM_LANES) {
    if (wrong >> 8 * beat & 0xff) return false;
  }
  return true;
}

void Place(int bitslip, int delay) {
  Register(SOC_DRAM_BITSLIP_RESET_ADDR) = 1;
  for (; bitslip > 0; --bitslip) Register(SOC_DRAM_BITSLIP_NEXT_ADDR) = 1;
  Register(SOC_DRAM_DELAY_RESET_ADDR) = 1;
  for (; delay > 0; --delay) Register(SOC_DRAM_DELAY_NEXT_ADDR) = 1;
}

/* Sets the lane to the middle of the longest run of delays, over all bit slips, that read right. */
bool TrainLane(int lane) {
  int best_bitslip = 0, best_delay = 0, best_length = 0;
  Register(SOC_DRAM_LANE_SELECT_ADDR) = 1u << lane;
  for (int bitslip = 0; bitslip < SOC_DRAM_BITSLIPS; ++bitslip) {
    int length = 0;
    Place(bitslip, 0);
    for (int delay = 0; delay < SOC_DRAM_DELAYS; ++delay) {
      length = ReadsBack(lane, 42) && ReadsBack(lane, 84) ? length + 1 : 0;
      if (length > best_length) {
        best_length = length;
        best_bitslip = bitslip;
        best_delay = delay - length / 2;
      }
      Register(SOC_DRAM_DELAY_NEXT_ADDR) = 1;
    }
  }
  Place(best_bitslip, best_delay);
  Register(SOC_DRAM_LANE_SELECT_ADDR) = 0;
  if (best_length == 0) {
    tflite::PrintMessage("the DRAM's byte lane %d reads wrong at every delay and bit slip", lane);
  }
  return best_length > 0;
}

bool Train() {
  for (int lane = 0; lane < SOC_DRAM_LANES; ++lane) {
    if (!TrainLane(lane)) return false;
  }
  return true;
}
#else
bool Train() { return true; }
#endif

bool Test() {
  constexpr uint32_t kWords = 64 << 10 >> 2; /* more than the caches hold */
  volatile uint32_t *memory = &Register(SOC_DRAM_END - 4 * kWords);
  uint32_t bits = 1;
  for (uint32_t i = 0; i < kWords; ++i) memory[i] = bits = Next(bits);
  bits = 1;
  for (uint32_t i = 0; i < kWords; ++i) {
    const uint32_t got = memory[i];
    bits = Next(bits);
    if (got != bits) {
      tflite::PrintMessage("the DRAM has %x at %p, and %x was written", unsigned(got),
                           reinterpret_cast<void *>(uintptr_t(memory + i)), unsigned(bits));
      return false;
    }
  }
  return true;
}

}  // namespace

bool StartDram() {
  Initialise();
  const bool trained = Train();
  Register(SOC_DRAM_CONTROL_ADDR) = kHardwareControl;
  return trained && Test();
}
#endif
