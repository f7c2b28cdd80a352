// A CFU on its own behind C functions: give it a command, clock it until it answers, return the
// answer. Compiled with FORGE_VCD to write waveforms, and with FORGE_PORT, the width in bytes of the
// CFU's memory port, if it has one.

#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <type_traits>

#include "VCfuHost.h"
#include "verilated.h"
#ifdef FORGE_VCD
#include "waveform.h"
#endif

namespace {

// Give the CFU the command, rsp_ready and reset that are set.
void load(VCfuHost *cfu) {
  cfu->load = !cfu->load;
  cfu->eval();
}

void reset(VCfuHost *cfu) {
  cfu->reset = 1, load(cfu);
  for (int i = 0; i < 4; ++i) {
    cfu->clk = 1, cfu->eval();
    cfu->clk = 0, cfu->eval();
  }
  cfu->reset = 0, load(cfu);
}

VCfuHost *made() {
#ifdef FORGE_VCD
  Verilated::traceEverOn(true);
#endif
  auto *cfu = new VCfuHost;
#ifdef FORGE_PORT
  cfu->memory_request_ready = 1;
#endif
  reset(cfu);
  return cfu;
}

VCfuHost *const cfu = made();

constexpr int kPatience = 100000;  // cycles; kBusy times as many while the memory port passes requests
constexpr int kBusy = 100;
int32_t silent = -1;               // function id of the unanswered instruction
int32_t waited = 0;                // cycles for it
uint64_t executed = 0;             // instructions
uint32_t *record = nullptr;        // function id, two inputs and the answer of each instruction
uint64_t record_left = 0;          // number of instructions still to be recorded
bool leaving = false;  // the answer on rsp was already returned: it leaves at the next edge

#ifdef FORGE_VCD
std::unique_ptr<Waveform> trace;
uint64_t now = 0;  // in half clocks

void dump() {
  if (trace) trace->dump(now++);
}
#else
void dump() {}
#endif

#ifdef FORGE_PORT
using Beat = std::remove_reference_t<decltype(cfu->memory_response_data)>;
static_assert(sizeof(Beat) == FORGE_PORT);

struct Response {
  uint64_t due;  // the first cycle in which it may be given
  Beat data;
};

std::deque<Response> responses;
uint64_t port_cycles = 0;
uint8_t *window = nullptr;  // what the port reaches; null: this process's memory
uint32_t window_size = 0;   // in bytes, a power of two: the window repeats in all addresses
std::mt19937 port_random;
bool port_stalls = false;
uint32_t port_busy = 0, port_latency = 0;  // chance in 8 of a cycle not ready; most cycles more
bool accessing = false;                    // stays set when an access ends in a fault

struct Access {  // the asm keeps the access between both
  Access() {
    accessing = true;
    __asm__ volatile("" ::: "memory");
  }
  ~Access() {
    __asm__ volatile("" ::: "memory");
    accessing = false;
  }
};

uint8_t *place(uint32_t address) {
  address &= -FORGE_PORT;
  return window ? window + (address & (window_size - 1)) : reinterpret_cast<uint8_t *>(uintptr_t{address});
}

}  // namespace

extern "C" {

// An access of the memory port. A fault in one of these two is named after it (host_runtime.py).
__attribute__((noinline)) void cfu_port_read(const uint8_t *from, void *to) {
  Access access;
  std::memcpy(to, from, FORGE_PORT);
}

__attribute__((noinline)) void cfu_port_write(uint8_t *to, const void *from, uint32_t strobe) {
  Access access;
  for (int i = 0; i < FORGE_PORT; ++i) {
    if (strobe >> i & 1) to[i] = static_cast<const uint8_t *>(from)[i];
  }
}
}

namespace {

// Carry out the request that passed at the last edge, and set the port's inputs for the next one.
void serve_port() {
  ++port_cycles;
  if (cfu->memory_response_valid) responses.pop_front();
  if (cfu->requested && cfu->request_write) {
    cfu_port_write(place(cfu->request_address), &cfu->request_data, cfu->request_strobe);
  } else if (cfu->requested) {
    const uint64_t later = port_stalls ? port_random() % (port_latency + 1) : 0;
    Response response{port_cycles + later, {}};
    cfu_port_read(place(cfu->request_address), &response.data);
    responses.push_back(response);
  }
  if (port_stalls) {
    const uint32_t dice = port_random();
    if (dice % 64 == 0) port_busy = dice >> 8 & 7, port_latency = dice >> 16 & 31;
    cfu->memory_request_ready = (dice >> 24 & 7) >= port_busy;
  }
  cfu->memory_response_valid = !responses.empty() && responses.front().due <= port_cycles;
  if (cfu->memory_response_valid) cfu->memory_response_data = responses.front().data;
}
#endif

// Clock the CFU once, with the command and the stall that are loaded.
void cycle() {
  cfu->clk = 1, cfu->eval();
  dump();
#ifdef FORGE_PORT
  serve_port();
#endif
  cfu->clk = 0;
  if (cfu->taken) cfu->cmd_valid = 0, cfu->load = !cfu->load;
  cfu->eval();
  dump();
}

void offer(uint32_t function_id, uint32_t input_0, uint32_t input_1) {
  cfu->cmd_valid = 1;
  cfu->cmd_payload_function_id = function_id;
  cfu->cmd_payload_inputs_0 = input_0;
  cfu->cmd_payload_inputs_1 = input_1;
}

#ifdef FORGE_PORT
// Forget what the CFU was doing when its port caused a fault.
void restart() {
  accessing = leaving = false;
  responses.clear();
  cfu->cmd_valid = cfu->memory_response_valid = 0;
  reset(cfu);
}
#endif

}  // namespace

extern "C" {

// Execute one CFU instruction, in one cycle when it is taken at once and answered in the next: so
// instructions follow each other as closely as the CPU can issue them. After an instruction that is
// not answered in time, every answer is 0 until the library is loaded again.
uint32_t cfu_op(uint32_t function_id, uint32_t input_0, uint32_t input_1) {
  if (silent >= 0) return 0;
#ifdef FORGE_PORT
  if (accessing) restart();
#endif
  offer(function_id, input_0, input_1);
  cfu->rsp_ready = 1;
  load(cfu);
  waited = 0;
  for (int quiet = 0; quiet < kPatience && waited < kBusy * kPatience; ++quiet, ++waited) {
    cycle();
#ifdef FORGE_PORT
    if (cfu->requested) quiet = 0;
#endif
    if (cfu->answered && !leaving) return ++executed, cfu->answer;
    leaving = !cfu->cmd_valid && cfu->rsp_valid;
    if (leaving) return ++executed, cfu->rsp_payload_outputs_0;
  }
  silent = int32_t(function_id);
  return 0;
}

// Execute `count` commands of three words (function id, two inputs) as fast as they are taken, and
// store the answers. There are random pauses before commands, random stalls of the answers, and
// stretches without pauses or stalls; the memory port stalls too. Returns the number of answers.
uint64_t cfu_program(const uint32_t *commands, uint32_t *answers, uint64_t count, uint32_t seed) {
  std::mt19937 random{seed};
#ifdef FORGE_PORT
  port_random.seed(seed);
  port_stalls = true;
#endif
  uint64_t sent = 0, received = 0;
  uint32_t pause = 0, stall = 0;  // chance in 8 of a cycle without command, answer
  for (int idle = 0; received < count && idle < kPatience; ++idle) {
    const uint32_t dice = random();
    if (dice % 64 == 0) pause = dice >> 8 & 7, stall = dice >> 16 & 7;
    // An offered command stays until it is taken.
    if (!cfu->cmd_valid && sent < count && (dice >> 20 & 7) >= pause) {
      const uint32_t *const command = commands + 3 * sent++;
      offer(command[0], command[1], command[2]);
    }
    cfu->rsp_ready = (dice >> 24 & 7) >= stall;
    load(cfu);
    cycle();
    if (cfu->answered && !leaving) answers[received++] = cfu->answer, idle = 0;
    if (cfu->answered) leaving = false;
  }
#ifdef FORGE_PORT
  for (int quiet = 0, spent = 0; quiet < 100 && spent < kPatience; ++quiet, ++spent) {
    cycle();  // what the CFU still writes
    if (cfu->requested || !responses.empty()) quiet = 0;
  }
#endif
  return received;
}

#ifdef FORGE_PORT
// From now on the memory port reaches the `size` bytes at `bytes`, a power of two, at all addresses.
void cfu_window(uint8_t *bytes, uint32_t size) { window = bytes, window_size = size; }

// From now on requests wait and responses come late, at random.
void cfu_stall(uint32_t seed) {
  port_random.seed(seed);
  port_stalls = true;
}
#endif

// The function id of the unanswered instruction, or -1.
int32_t cfu_silent() { return silent; }

// The cycles in which it was not.
int32_t cfu_waited() { return waited; }

// Whether that instruction was not even taken.
int32_t cfu_untaken() { return silent >= 0 && cfu->cmd_valid; }

// The number of instructions executed one by one.
uint64_t cfu_executed() { return executed; }

// Make cfu_recorded_op store the first `count` instructions in `words`, 4 words each.
void cfu_record(uint32_t *words, uint64_t count) { record = words, record_left = count; }

// As cfu_op.
uint32_t cfu_recorded_op(uint32_t function_id, uint32_t input_0, uint32_t input_1) {
  const uint32_t result = cfu_op(function_id, input_0, input_1);
  if (record_left && silent < 0) {
    const uint32_t words[4] = {function_id, input_0, input_1, result};
    for (const uint32_t word : words) *record++ = word;
    --record_left;
  }
  return result;
}

#ifdef FORGE_VCD
// Write a waveform from now on; returns 0 when the file cannot be written.
int cfu_trace(const char *path) {
  trace.reset(new Waveform);
  cfu->trace(trace->writer(), 99);
  return trace->open(path);
}

// Complete it; returns 0 when it could not be written to its end.
int cfu_trace_close() {
  const bool whole = trace->close();
  trace.reset();
  return whole;
}
#endif
}
