/* A resolver of the operators that the application adds to it; others are not linked. Like TFLM's, this
 * header includes the macros that programs use for checks. */
#ifndef TENSORFLOW_LITE_MICRO_MICRO_MUTABLE_OP_RESOLVER_H_
#define TENSORFLOW_LITE_MICRO_MICRO_MUTABLE_OP_RESOLVER_H_

#include "tensorflow/lite/kernels/internal/compatibility.h"
#include "tensorflow/lite/kernels/op_macros.h"
#include "tensorflow/lite/micro/compatibility.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"
#include "tensorflow/lite/micro/micro_log.h"
#include "tensorflow/lite/micro/micro_op_resolver.h"

namespace tflite {

template <unsigned int tOpCount>
class MicroMutableOpResolver : public MicroOpResolver {
 public:
  /* AddConv2D(), AddSoftmax() ...; a registration replaces the builtin implementation. */
#define X(method, op)                                                                \
  TfLiteStatus Add##method(const TFLMRegistration &registration = Register_##op()) { \
    TFLMRegistration builtin = registration;                                         \
    builtin.builtin_code = BuiltinOperator_##op;                                     \
    return FindOp(BuiltinOperator_##op) ? Twice(#op) : Add(builtin);                 \
  }
#include "tensorflow/lite/micro/kernels/micro_ops.inc"
#undef X

  /* Adds a custom operator. `name` and `registration` must outlive the resolver. */
  TfLiteStatus AddCustom(const char *name, const TFLMRegistration *registration) {
    TFLMRegistration custom = *registration;
    custom.builtin_code = BuiltinOperator_CUSTOM;
    custom.custom_name = name;
    return FindOp(name) ? Twice(name) : Add(custom);
  }

  const TFLMRegistration *FindOp(BuiltinOperator op) const override {
    if (op == BuiltinOperator_CUSTOM) return nullptr;
    for (unsigned int i = 0; i < count_; ++i) {
      if (registrations_[i].builtin_code == op) return &registrations_[i];
    }
    return nullptr;
  }

  const TFLMRegistration *FindOp(const char *custom_name) const override {
    for (unsigned int i = 0; i < count_; ++i) {
      if (registrations_[i].builtin_code == BuiltinOperator_CUSTOM &&
          __builtin_strcmp(registrations_[i].custom_name, custom_name) == 0) {
        return &registrations_[i];
      }
    }
    return nullptr;
  }

  unsigned int GetRegistrationLength() const { return count_; }

 private:
  TfLiteStatus Add(const TFLMRegistration &registration) {
    if (count_ == tOpCount) {
      MicroPrintf("MicroMutableOpResolver<%u> is full: make it larger", tOpCount);
      return kTfLiteError;
    }
    registrations_[count_++] = registration;
    return kTfLiteOk;
  }

  static TfLiteStatus Twice(const char *name) {
    MicroPrintf("%s has been added to the MicroMutableOpResolver before", name);
    return kTfLiteError;
  }

  TFLMRegistration registrations_[tOpCount];
  unsigned int count_ = 0;
};

}  // namespace tflite
#endif
