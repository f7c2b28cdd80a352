/* How much an inference has to do. */
#ifndef CFUFORGE_FUZZ_WORK_H
#define CFUFORGE_FUZZ_WORK_H

#include "tensorflow/lite/micro/micro_interpreter.h"

namespace fuzz {

/* Whether the model needs at most 100,000 multiply-accumulates, taps of a pool among them. */
bool IsLittleWork(const tflite::Model &model, tflite::MicroInterpreter &interpreter);

}  // namespace fuzz
#endif
