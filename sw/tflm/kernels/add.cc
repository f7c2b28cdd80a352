/* ADD over nn_add_s8, or nn_elementwise_s32. */
#include "elementwise.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

TFLMRegistration Register_ADD() {
  return {nullptr,
          nullptr,
          PrepareAdd<AddOptions, nn_add_s8, nn_add_s8_prepare>,
          EvalBinary<Compute<AddData, nn_add_s8>, NN_ADD>,
          BuiltinOperator_ADD,
          nullptr};
}

}  // namespace tflite
