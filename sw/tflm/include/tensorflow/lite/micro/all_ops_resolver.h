/* A resolver of all builtin operators, for programs that do not know their model. */
#ifndef TENSORFLOW_LITE_MICRO_ALL_OPS_RESOLVER_H_
#define TENSORFLOW_LITE_MICRO_ALL_OPS_RESOLVER_H_

#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"

namespace tflite {

class AllOpsResolver : public MicroMutableOpResolver<kBuiltinOpCount> {
 public:
  AllOpsResolver() {
#define X(method, op) Add##method();
#include "tensorflow/lite/micro/kernels/micro_ops.inc"
#undef X
  }
};

}  // namespace tflite
#endif
