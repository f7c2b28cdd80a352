// The simulator with an account of every cycle: its cause and its instruction.
//
// Cycles are counted where instructions leave VexRiscv's pipeline. When none leaves, there is a
// bubble, whose reason is noted in the stage where it arises and moves down the pipeline with it.
// The tree of calls grows with the jumps that retire. FORGE_CAUSES and the IN_<name> of each signal
// come from cfuforge.sim.account.counting, also IN_activity, what the CFU says that it does: 8 bits.

#include "harness.cpp"

#include <cstring>
#include <map>
#include <utility>
#include <vector>

namespace {

enum Cause : uint32_t { FORGE_CAUSES, kCauses };  // up to kOtherInstruction: an instruction retired

struct Reason {
  Cause cause = kOther;
  uint32_t pc = 0;  // 0: that of the next instruction to retire
  uint8_t activity = 0;  // of the CFU, which the CPU waits for
};

Cause ClassOf(uint32_t instruction) {
  switch (instruction & 0x7f) {
    case 0x03: return kLoad;
    case 0x23: return kStore;
    case 0x63: case 0x67: case 0x6f: return kBranch;
    case 0x0b: return kCfu;
    case 0x33: return instruction >> 25 == 1 ? kMultiply : kOtherInstruction;
    default: return kOtherInstruction;
  }
}

bool Writes(uint32_t instruction, uint32_t reg) {
  const Cause kind = ClassOf(instruction);
  const bool is_branch = (instruction & 0x7f) == 0x63;
  return kind != kStore && !is_branch && reg && (instruction >> 7 & 31) == reg;
}

bool IsShift(uint32_t instruction) {
  const uint32_t opcode = instruction & 0x7f;
  return (opcode == 0x13 || opcode == 0x33) && (instruction >> 12 & 3) == 1;
}

// Why an instruction in Decode waits for the result of `producer`.
Cause WaitFor(uint32_t producer) {
  switch (ClassOf(producer)) {
    case kLoad: return kLoadUse;
    case kMultiply: return kMultiplyWait;
    case kCfu: return kCfuHazard;
    case kOtherInstruction: return IsShift(producer) ? kShiftUse : kOther;
    default: return kOther;
  }
}

// A function as called from its parent; mirrored in cfuforge.sim.account.counting.
struct Call {
  uint32_t parent, function;
  uint64_t calls, cycles;
};

bool IsLink(uint32_t reg) { return reg == 1 || reg == 5; }
bool Jumps(uint32_t instruction) { return (instruction & 0x77) == 0x67; }  // jal or jalr
bool Calls(uint32_t instruction) { return Jumps(instruction) && IsLink(instruction >> 7 & 31); }
bool Returns(uint32_t instruction) {
  return (instruction & 0x7f) == 0x67 && !Calls(instruction) && IsLink(instruction >> 15 & 31);
}

// Follows calls and returns; node 0 is the root, which is its own parent.
class CallTree {
 public:
  std::vector<Call> nodes{{0, 0, 0, 0}};

  uint32_t before = 0;  // the instruction that retired last

  // Whether a retiring instruction of `function` may belong to another call than the current one.
  bool MayMove(uint32_t function) const { return function != function_ || Jumps(before); }

  // Finds the call of a retiring instruction of `function`; `cycles` is the time before it.
  __attribute__((noinline)) void Move(uint32_t function, uint64_t cycles) {
    if (function == function_ && !Calls(before)) return;
    Settle(cycles);
    function_ = function;
    uint32_t caller = current_;
    if (Returns(before)) {
      while (caller && nodes[caller].function != function) caller = nodes[caller].parent;
      if (nodes[caller].function == function) {
        current_ = caller;
        return;
      }
      caller = current_;
    }
    if (!Calls(before)) caller = nodes[caller].parent;  // a tail call replaces its caller
    const auto [place, is_new] = children_.try_emplace({caller, function}, nodes.size());
    if (is_new) nodes.push_back({caller, function, 0, 0});
    current_ = place->second;
    ++nodes[current_].calls;
  }

  // Adds the cycles since the last call of Settle to the current function.
  void Settle(uint64_t cycles) {
    nodes[current_].cycles += cycles - settled_;
    settled_ = cycles;
  }

 private:
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> children_;
  uint32_t current_ = 0, function_ = 0;  // the current node; its function
  uint64_t settled_ = 0;
};

struct Accountant {
  uint32_t base, words;
  std::vector<uint32_t> counts;  // by instruction, by cause; the last row is of all other addresses
  std::vector<uint32_t> functions;  // by instruction
  CallTree calls;
  Reason empty_execute, empty_memory, empty_write_back, empty_fetch;
  uint64_t pending[kCauses] = {};
  uint64_t activities[256][2] = {};  // cycles, and those in which the CPU waited

  Accountant(uint32_t base, uint32_t words, const uint32_t *functions)
      : base(base), words(words), counts((words + 1) * kCauses), functions(functions, functions + words) {}

  void Count(Cause cause, uint32_t pc, uint64_t cycles = 1) {
    const uint32_t word = (pc - base) / 4;
    counts[(word < words ? word : words) * kCauses + cause] += cycles;
  }

  void Count(Reason reason) {
    if (reason.cause == kCfuBusy) ++activities[reason.activity][1];
    if (reason.pc) Count(reason.cause, reason.pc);
    else ++pending[reason.cause];
  }

  // Charges the cycles that wait for the next instruction to the one at `pc`.
  void Settle(uint32_t pc) {
    for (uint32_t cause = kInstructionMiss; cause < kCauses; ++cause) {
      if (pending[cause]) Count(Cause(cause), pc, pending[cause]);
      pending[cause] = 0;
    }
  }

  // Returns `cycles` without those that belong to the next instruction.
  uint64_t Settled(uint64_t cycles) const {
    for (const uint64_t waiting : pending) cycles -= waiting;
    return cycles;
  }

  // Accounts for one cycle.
  void Take(Soc *soc) {
    const uint32_t pc_execute = IN_decode_to_execute_PC, pc_memory = IN_execute_to_memory_PC;
    const uint32_t pc_write_back = IN_memory_to_writeBack_PC;
    const uint32_t last = IN_memory_to_writeBack_INSTRUCTION;
    const bool in_write_back = IN_writeBack_arbitration_isValid;
    const bool redo = IN_DBusCachedPlugin_redoBranch_valid;
    const uint8_t activity = IN_activity;
    ++activities[activity][0];

    if (IN_lastStageIsFiring) {
      const uint32_t word = (pc_write_back - base) / 4;
      const uint32_t function = word < words ? functions[word] : 0;
      if (calls.MayMove(function)) calls.Move(function, Settled(soc->cycles));
      calls.before = last;
      Count(ClassOf(last), pc_write_back);
      Settle(pc_write_back);
    } else if (in_write_back && IN_writeBack_arbitration_haltItself) {
      Count(ClassOf(last) == kStore ? kStoreWait : kDataMiss, pc_write_back);
    } else if (in_write_back) {
      Count(redo ? kDataMiss : kOther, pc_write_back);
    } else {
      Count(empty_write_back);
    }

    // The reason why this cycle's flush, if there is one, empties the stages behind it.
    Reason flush;
    bool flushes = true;
    if (redo) flush = {kDataMiss, pc_write_back};
    else if (IN_writeBack_arbitration_flushNext) flush = {kOther, pc_write_back};
    else if (IN_execute_arbitration_flushNext) flush = {kBranchBubble, pc_execute};
    else if (IN_decode_arbitration_flushNext) flush = {kBranchBubble, uint32_t(IN_decode_PC)};
    else flushes = false;

    // A miss is known a cycle before the line is loaded.
    if (IN_when_IBusCachedPlugin_l250) empty_fetch = {kInstructionMiss, 0};

    if (IN_writeBack_arbitration_isStuck) {
      if (IN_writeBack_arbitration_removeIt) empty_write_back = flush;
    } else if (!IN_memory_arbitration_isFiring) {
      if (!IN_memory_arbitration_isValid) empty_write_back = empty_memory;
      else if (IN_memory_arbitration_removeIt) empty_write_back = flush;
      else if (IN_memory_CfuPlugin_CFU_IN_FLIGHT) empty_write_back = {kCfuBusy, pc_memory, activity};
      else empty_write_back = {kMultiplyWait, pc_memory};
    }
    if (IN_memory_arbitration_isStuck) {
      if (IN_memory_arbitration_removeIt) empty_memory = flush;
    } else if (!IN_execute_arbitration_isFiring) {
      if (!IN_execute_arbitration_isValid) empty_memory = empty_execute;
      else if (IN_execute_arbitration_removeIt) empty_memory = flush;
      else if (IN_when_CfuPlugin_l200) empty_memory = {kCfuBusy, pc_execute, activity};
      else if (IN_when_CfuPlugin_l193) empty_memory = {kCfuHazard, pc_execute};
      else if (IN_loader_valid) empty_memory = {kDataMiss, pc_execute};
      else if (IN_when_DBusCachedPlugin_l347) empty_memory = {kStoreWait, pc_execute};
      else empty_memory = {kOther, pc_execute};
    }
    if (IN_execute_arbitration_isStuck) {
      if (IN_execute_arbitration_removeIt) empty_execute = flush;
    } else if (!IN_decode_arbitration_isFiring) {
      if (!IN_decode_arbitration_isValid) empty_execute = empty_fetch;
      else if (IN_decode_arbitration_removeIt) empty_execute = flush;
      else if (IN_when_HazardSimplePlugin_l113) empty_execute = Hazard(soc);
      else empty_execute = {kOther, uint32_t(IN_decode_PC)};
    }
    if (flushes) empty_fetch = flush;
    else if (IN_decode_arbitration_isValid) empty_fetch = {};
    if (IN_lineLoader_valid) empty_fetch = {kInstructionMiss, 0};
  }

  Reason Hazard(Soc *soc) {
    const uint32_t instruction = IN_decode_INSTRUCTION, pc = IN_decode_PC;
    const uint32_t sources[] = {instruction >> 15 & 31, instruction >> 20 & 31};
    const struct { bool valid; uint32_t instruction; } older[] = {
        {bool(IN_execute_arbitration_isValid), IN_decode_to_execute_INSTRUCTION},
        {bool(IN_memory_arbitration_isValid), IN_execute_to_memory_INSTRUCTION},
        {bool(IN_writeBack_arbitration_isValid), IN_memory_to_writeBack_INSTRUCTION},
    };
    for (const auto &each : older) {
      for (const uint32_t source : sources) {
        if (each.valid && Writes(each.instruction, source)) return {WaitFor(each.instruction), pc};
      }
    }
    return {kOther, pc};
  }
};

bool ReadsCycles(uint32_t instruction) { return (instruction & 0xfff0707f) == 0xb0002073; }

}  // namespace

extern "C" {

Accountant *accountant_new(uint32_t base, uint32_t words, const uint32_t *functions) {
  return new Accountant(base, words, functions);
}
void accountant_delete(Accountant *accountant) { delete accountant; }
uint32_t *accountant_counts(Accountant *accountant) { return accountant->counts.data(); }

// The tree of calls, for the host to read and to clear.
Call *accountant_calls(Accountant *accountant, Soc *soc, uint32_t *count) {
  accountant->calls.Settle(accountant->Settled(soc->cycles));
  *count = accountant->calls.nodes.size();
  return accountant->calls.nodes.data();
}

uint64_t *accountant_activities(Accountant *accountant) { return *accountant->activities; }

// As forge_run, and accounts for every cycle. Also returns when an instruction has read the low
// word of the cycle counter: kReadCycles, with its address in `pc`.
uint32_t accountant_run(Accountant *accountant, Soc *soc, uint64_t budget, uint64_t patience, uint32_t *pc) {
  bool mark = false;
  const auto comes = [&] {
    accountant->Take(soc);
    mark = CPU_RETIRES && ReadsCycles(IN_memory_to_writeBack_INSTRUCTION);
    *pc = IN_memory_to_writeBack_PC;
  };
  const uint32_t stop = Run(soc, budget, patience, comes, [&] { return mark ? kReadCycles : 0u; });
  if (stop == kFinished) accountant->Settle(accountant->base - 4);  // no more instructions retire
  return stop;
}
}
