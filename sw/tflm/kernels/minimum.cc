/* MINIMUM over nn_minimum_s8, or nn_elementwise_s32. */
#include "elementwise.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

TFLMRegistration Register_MINIMUM() {
  return {nullptr,
          nullptr,
          PrepareExtreme<Compute<nn_minimum_s8>>,
          EvalBinary<Compute<nn_minimum_s8>, NN_MINIMUM>,
          BuiltinOperator_MINIMUM,
          nullptr};
}

}  // namespace tflite
