/* The builtin operators: micro_ops.inc lists them, each is in sw/tflm/kernels/<operator>.cc. */
#ifndef TENSORFLOW_LITE_MICRO_KERNELS_MICRO_OPS_H_
#define TENSORFLOW_LITE_MICRO_KERNELS_MICRO_OPS_H_

#include "tensorflow/lite/micro/micro_common.h"

namespace tflite {

#define X(method, op) TFLMRegistration Register_##op();
#include "tensorflow/lite/micro/kernels/micro_ops.inc"
#undef X

/* TFLM's names of variants that link less code. Here every operator is int8 anyway. */
#define X(op) \
  inline TFLMRegistration Register_##op##_INT8() { return Register_##op(); }
X(ADD)
X(AVERAGE_POOL_2D)
X(CONV_2D)
X(DEPTHWISE_CONV_2D)
X(FULLY_CONNECTED)
X(MAXIMUM)
X(MAX_POOL_2D)
X(MINIMUM)
X(MUL)
X(PAD)
X(SOFTMAX)
X(SVDF)
X(TRANSPOSE)
X(TRANSPOSE_CONV)
#undef X
inline TFLMRegistration Register_CONV_2D_INT8REF() { return Register_CONV_2D(); }
inline TFLMRegistration Register_SOFTMAX_INT8_INT16() { return Register_SOFTMAX(); }

#define X(method, op) +1
constexpr unsigned int kBuiltinOpCount = 0
#include "tensorflow/lite/micro/kernels/micro_ops.inc"
    ;
#undef X

}  // namespace tflite
#endif
