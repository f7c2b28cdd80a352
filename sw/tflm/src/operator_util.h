/* Shared by the operators over the nn library: checks and conversions. */
#ifndef CFUFORGE_OPERATOR_UTIL_H
#define CFUFORGE_OPERATOR_UTIL_H

#include "nn.h"
#include "quantization.h"
#include "tensorflow/lite/micro/kernels/kernel_util.h"

namespace tflite {

/* An operator's tensors in Prepare; only `bias` may be null. */
struct OperatorTensors {
  TfLiteTensor *input, *filter, *bias, *output;
};

/* The same in Eval; an absent tensor has null data. */
extern const TfLiteEvalTensor kAbsentTensor;
inline const TfLiteEvalTensor *EvalInput(const TfLiteContext *context, const TfLiteNode *node,
                                         int index) {
  const TfLiteEvalTensor *tensor = micro::GetEvalInput(context, node, index);
  return tensor ? tensor : &kAbsentTensor;
}
struct EvalTensors {
  EvalTensors(const TfLiteContext *context, const TfLiteNode *node)
      : input(EvalInput(context, node, 0)),
        filter(EvalInput(context, node, 1)),
        bias(EvalInput(context, node, 2)),
        output(micro::GetEvalOutput(context, node, 0)) {}
  const TfLiteEvalTensor *input, *filter, *bias, *output;
};

/* Checks that a tensor is present, of `type` and not empty. Reports what is wrong. */
TfLiteStatus CheckTyped(TfLiteContext *context, const char *what, const TfLiteTensor *tensor,
                        TfLiteType type);

/* Input 0 and output 0, both of `type` and not empty. Reports what is wrong. */
TfLiteStatus UnaryTensors(TfLiteContext *context, TfLiteNode *node, OperatorTensors *tensors,
                          TfLiteType type = kTfLiteInt8);

/* The same with an int8 filter (input 1) and an int32 bias (input 2) or none. */
TfLiteStatus WeightedTensors(TfLiteContext *context, TfLiteNode *node, OperatorTensors *tensors);

/* Checks that a bias has one int32 per channel. */
TfLiteStatus CheckBias(TfLiteContext *context, const TfLiteTensor *bias, int32_t channels);

/* Allocates the operator's own data as node->user_data; null if the arena is full. */
template <typename T>
T *NewData(TfLiteContext *context, TfLiteNode *node) {
  node->user_data = context->AllocatePersistentBuffer(context, sizeof(T));
  return static_cast<T *>(node->user_data);
}

/* The operator's options in the model; if there are none, reports that and returns null. */
template <typename T>
const T *Options(TfLiteContext *context, const TfLiteNode *node) {
  if (!node->builtin_data) TF_LITE_KERNEL_LOG(context, "the model has no options for it");
  return static_cast<const T *>(node->builtin_data);
}

/* The dims of a tensor with four dimensions, read in the model. */
inline const nn_dims *DimsOf(const TfLiteIntArray *four) {
  return reinterpret_cast<const nn_dims *>(four->data);
}
inline const nn_dims *DimsOf(const TfLiteEvalTensor *tensor) { return DimsOf(tensor->dims); }

/* The same in Prepare. Reports any other number of dimensions. */
TfLiteStatus Dims4(TfLiteContext *context, const char *what, const TfLiteTensor *tensor,
                   const nn_dims **dims);

/* A sliding window along one axis. */
struct Window {
  int32_t input, filter, stride, dilation, output;
};

/* The padding before the input; reports an output size that is inconsistent with the rest. */
TfLiteStatus PaddingBefore(TfLiteContext *context, Padding padding, const char *axis,
                           const Window &window, int32_t *before);

/* Scratch memory of an operator: its index and requested size. */
struct Scratch {
  int index;
  int32_t bytes;
};

/* Requests `bytes` of scratch; none if 0. A negative number is a kernel's error. */
TfLiteStatus RequestScratch(TfLiteContext *context, int32_t bytes, Scratch *scratch);

/* The context for a kernel in Eval, with what it keeps; it has no scratch memory. */
inline nn_context KernelContext(TfLiteContext *context) {
  const MicroContext *micro = GetMicroContext(context);
  return {nullptr, 0, micro->persistent(), micro->persistent_bytes(), nullptr, nullptr};
}

/* The same with scratch memory. */
inline nn_context KernelContext(TfLiteContext *context, const Scratch &scratch) {
  MicroContext *micro = GetMicroContext(context);
  void *memory = scratch.bytes ? micro->GetScratchBuffer(scratch.index) : nullptr;
  return {memory, scratch.bytes, micro->persistent(), micro->persistent_bytes(), nullptr, nullptr};
}

/* Reports a kernel that failed. */
inline TfLiteStatus CheckKernel(TfLiteContext *context, nn_status status) {
  TF_LITE_ENSURE_MSG(context, status == NN_OK, "the kernel does not do this shape or parameter");
  return kTfLiteOk;
}

/* Records which kernel ran; reports one that failed. */
inline TfLiteStatus Finish(TfLiteContext *context, const nn_context &kernel, nn_status status) {
  GetMicroContext(context)->SetRan(kernel.ran);
  return CheckKernel(context, status);
}

}  // namespace tflite
#endif
