/* SUB over nn_sub_s8, or nn_elementwise_s32. */
#include "elementwise.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

TFLMRegistration Register_SUB() {
  return {nullptr,
          nullptr,
          PrepareAdd<SubOptions, nn_sub_s8, nn_sub_s8_prepare>,
          EvalBinary<Compute<AddData, nn_sub_s8>, NN_SUB>,
          BuiltinOperator_SUB,
          nullptr};
}

}  // namespace tflite
