/* Platform functions for an application on the host: messages and time. */
#include <stdio.h>
#include <time.h>

#include "tensorflow/lite/micro/micro_log.h"
#include "tensorflow/lite/micro/micro_time.h"

extern "C" void DebugLog(const char *line) { puts(line); }

namespace tflite {

uint32_t ticks_per_second() { return CLOCKS_PER_SEC; }
uint32_t GetCurrentTimeTicks() { return uint32_t(clock()); }

}  // namespace tflite
