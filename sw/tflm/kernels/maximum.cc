/* MAXIMUM over nn_maximum_s8, or nn_elementwise_s32. */
#include "elementwise.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

TFLMRegistration Register_MAXIMUM() {
  return {nullptr,
          nullptr,
          PrepareExtreme<Compute<nn_maximum_s8>>,
          EvalBinary<Compute<nn_maximum_s8>, NN_MAXIMUM>,
          BuiltinOperator_MAXIMUM,
          nullptr};
}

}  // namespace tflite
