/* ADD over nn_add_s8. */
#include "elementwise.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {

TFLMRegistration Register_ADD() {
  return {nullptr,
          nullptr,
          PrepareAdd<AddOptions>,
          EvalBinary<Compute<AddData, nn_add_s8>>,
          BuiltinOperator_ADD,
          nullptr};
}

}  // namespace tflite
