/* The builtin operators: micro_ops.inc lists them, each is in sw/tflm/kernels/<operator>.cc. */
#ifndef TENSORFLOW_LITE_MICRO_KERNELS_MICRO_OPS_H_
#define TENSORFLOW_LITE_MICRO_KERNELS_MICRO_OPS_H_

#include "tensorflow/lite/micro/micro_common.h"

namespace tflite {

#define X(method, op) TFLMRegistration Register_##op();
#include "tensorflow/lite/micro/kernels/micro_ops.inc"
#undef X

#define X(method, op) +1
constexpr unsigned int kBuiltinOpCount = 0
#include "tensorflow/lite/micro/kernels/micro_ops.inc"
    ;
#undef X

}  // namespace tflite
#endif
