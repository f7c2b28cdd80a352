/* MAXIMUM over nn_maximum_s8. */
#include "elementwise.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

TFLMRegistration Register_MAXIMUM() {
  return {nullptr,
          nullptr,
          PrepareExtreme,
          EvalBinary<Compute<nn_maximum_s8>>,
          BuiltinOperator_MAXIMUM,
          nullptr};
}

}  // namespace tflite
