/* Platform functions for an application on the host: messages and time. */
#include <stdio.h>
#include <time.h>

#include "board.h"
#include "tensorflow/lite/micro/micro_log.h"
#include "tensorflow/lite/micro/micro_time.h"

extern "C" {

void DebugLog(const char *line) { puts(line); }

uint64_t board_cycles() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return uint64_t(now.tv_sec) * BOARD_CLOCK_HZ + uint64_t(now.tv_nsec);
}

uint32_t board_milliseconds() { return uint32_t(board_cycles() / (BOARD_CLOCK_HZ / 1000)); }

void board_wait(uint32_t milliseconds) {
  const timespec time = {time_t(milliseconds / 1000), long(milliseconds % 1000) * 1000000};
  nanosleep(&time, nullptr);
}
}

namespace tflite {

uint32_t ticks_per_second() { return CLOCKS_PER_SEC; }
uint32_t GetCurrentTimeTicks() { return uint32_t(clock()); }

}  // namespace tflite
