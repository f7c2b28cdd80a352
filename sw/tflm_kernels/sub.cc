/* SUB: int8 by nn_sub_s8. */
#include "tensorflow/lite/micro/kernels/sub.h"

#include "elementwise.h"

#define Register_SUB TflmSub
#include "tensorflow/lite/micro/kernels/sub.cc"
#undef Register_SUB

namespace tflite {
TFLMRegistration Register_SUB() {
  return cfuforge::Wrapped<
      cfuforge::Sum<OpDataSub, nn_sub_s8_prepare, nn_sub_s8, TflmSub>>::Registration();
}
}  // namespace tflite
