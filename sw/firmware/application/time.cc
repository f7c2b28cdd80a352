/* The time, from the CPU's cycle counter. */
#include "board.h"
#include "platform.h"
#include "tensorflow/lite/micro/micro_time.h"

extern "C" {

uint64_t board_cycles() { return mcycle(); }

uint32_t board_milliseconds() { return uint32_t(mcycle() / (BOARD_CLOCK_HZ / 1000)); }

void board_wait(uint32_t milliseconds) {
  const uint64_t end = mcycle() + uint64_t(milliseconds) * (BOARD_CLOCK_HZ / 1000);
  while (mcycle() < end) {
  }
}
}

namespace tflite {

uint32_t ticks_per_second() { return SOC_CLOCK_HZ; }
uint32_t GetCurrentTimeTicks() { return mcycle_low(); }

}  // namespace tflite
