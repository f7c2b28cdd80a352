// A CFU alone as a C function: give it a command, clock it until it answers, return the answer.

#include <cstdint>

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

int cfu_silent() { return silent; }
}
