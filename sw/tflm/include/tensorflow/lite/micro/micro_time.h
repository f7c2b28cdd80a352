/* The platform's clock. */
#ifndef TENSORFLOW_LITE_MICRO_MICRO_TIME_H_
#define TENSORFLOW_LITE_MICRO_MICRO_TIME_H_

#include <stdint.h>

namespace tflite {

/* Both return 0 unless the platform defines them; on the SoC a tick is a cycle. */
uint32_t ticks_per_second();
uint32_t GetCurrentTimeTicks(); /* wraps around */

inline uint32_t TicksToMs(int32_t ticks) {
  const uint32_t second = ticks_per_second();
  return second ? uint32_t(uint64_t(uint32_t(ticks)) * 1000 / second) : 0;
}

}  // namespace tflite
#endif
