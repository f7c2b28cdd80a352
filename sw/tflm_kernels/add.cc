/* ADD: int8 by nn_add_s8. */
#include "tensorflow/lite/micro/kernels/add.h"

#include "elementwise.h"

#define Register_ADD TflmAdd
#include "tensorflow/lite/micro/kernels/add.cc"
#undef Register_ADD

namespace tflite {
TFLMRegistration Register_ADD() {
  return cfuforge::Wrapped<
      cfuforge::Sum<OpDataAdd, nn_add_s8_prepare, nn_add_s8, TflmAdd>>::Registration();
}
}  // namespace tflite
