/* Defaults that a platform may override. */
#include "tensorflow/lite/micro/micro_time.h"
#include "tensorflow/lite/micro/system_setup.h"

namespace tflite {

__attribute__((weak)) void InitializeTarget() {}
__attribute__((weak)) uint32_t ticks_per_second() { return 0; }
__attribute__((weak)) uint32_t GetCurrentTimeTicks() { return 0; }

}  // namespace tflite
