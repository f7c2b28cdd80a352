// A CFU alone as a C function: give it a command, clock it until it answers, return the answer.

#include <cstdint>
#include <random>

#include "VCfu.h"
#include "verilated.h"

namespace {

VCfu *cfu() {
  static VCfu *const instance = [] {
    auto *made = new VCfu;
    made->reset = 1;
    for (int i = 0; i < 4; ++i) {
      made->clk = 1, made->eval();
      made->clk = 0, made->eval();
    }
    made->reset = 0;
    made->eval();
    return made;
  }();
  return instance;
}

void cycle(VCfu *model) {
  model->clk = 1, model->eval();
  model->clk = 0, model->eval();
}

constexpr int kPatience = 100000;  // cycles
bool silent = false;

}  // namespace

extern "C" {

// Execute one CFU instruction. After an instruction that is not answered within the patience,
// cfu_silent() is 1 and every answer is 0 until the library is loaded anew.
uint32_t cfu_op(uint32_t function_id, uint32_t input_0, uint32_t input_1) {
  VCfu *const model = cfu();
  if (silent) return 0;
  model->cmd_valid = 1;
  model->cmd_payload_function_id = function_id;
  model->cmd_payload_inputs_0 = input_0;
  model->cmd_payload_inputs_1 = input_1;
  model->rsp_ready = 1;
  model->eval();
  for (int waited = 0; waited < kPatience; ++waited) {
    const bool taken = model->cmd_valid && model->cmd_ready;
    const bool answered = model->rsp_valid;
    const uint32_t answer = model->rsp_payload_outputs_0;
    cycle(model);
    if (taken) model->cmd_valid = 0, model->eval();
    if (answered) return answer;
  }
  silent = true;
  return 0;
}

// Execute `count` commands of three words (function id, two inputs) as fast as they are taken, with
// random pauses before commands and random stalls of the answers, and store the answers. Stretches
// without pauses or without stalls are among them. Returns how many answers came.
uint64_t cfu_program(const uint32_t *commands, uint32_t *answers, uint64_t count, uint32_t seed) {
  VCfu *const model = cfu();
  std::mt19937 random{seed};
  uint64_t sent = 0, received = 0;
  uint32_t pause = 0, stall = 0;  // chance in 8 that a cycle has none
  for (int waited = 0; received < count && waited < kPatience; ++waited) {
    const uint32_t dice = random();
    if (dice % 64 == 0) pause = dice >> 8 & 7, stall = dice >> 16 & 7;
    // A command that was offered stays until it is taken.
    if (!model->cmd_valid && sent < count && (dice >> 20 & 7) >= pause) {
      model->cmd_valid = 1;
      model->cmd_payload_function_id = commands[3 * sent];
      model->cmd_payload_inputs_0 = commands[3 * sent + 1];
      model->cmd_payload_inputs_1 = commands[3 * sent + 2];
    }
    model->rsp_ready = (dice >> 24 & 7) >= stall;
    model->eval();
    const bool taken = model->cmd_valid && model->cmd_ready;
    if (model->rsp_valid && model->rsp_ready) {
      answers[received++] = model->rsp_payload_outputs_0;
      waited = 0;
    }
    cycle(model);
    if (taken) ++sent, model->cmd_valid = 0;
  }
  return received;
}

int cfu_silent() { return silent; }
}
