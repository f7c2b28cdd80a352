/* Access of operators to their tensors in Eval. */
#ifndef TENSORFLOW_LITE_MICRO_KERNELS_KERNEL_UTIL_H_
#define TENSORFLOW_LITE_MICRO_KERNELS_KERNEL_UTIL_H_

#include "tensorflow/lite/micro/micro_context.h"

namespace tflite::micro {

/* The registration of an operator, for AddCustom or to replace a builtin one. */
inline TFLMRegistration RegisterOp(
    void *(*init)(TfLiteContext *context, const char *buffer, size_t length),
    TfLiteStatus (*prepare)(TfLiteContext *context, TfLiteNode *node),
    TfLiteStatus (*invoke)(TfLiteContext *context, TfLiteNode *node),
    void (*free)(TfLiteContext *context, void *buffer) = nullptr) {
  return {init, free, prepare, invoke, 0, nullptr};
}

inline TfLiteEvalTensor *GetMutableEvalInput(const TfLiteContext *context, const TfLiteNode *node,
                                             int index) {
  if (index >= node->inputs->size || node->inputs->data[index] < 0) return nullptr;
  return GetMicroContext(context)->GetEvalTensor(node->inputs->data[index]);
}

inline const TfLiteEvalTensor *GetEvalInput(const TfLiteContext *context, const TfLiteNode *node,
                                            int index) {
  return GetMutableEvalInput(context, node, index);
}

inline TfLiteEvalTensor *GetEvalOutput(const TfLiteContext *context, const TfLiteNode *node,
                                       int index) {
  return GetMicroContext(context)->GetEvalTensor(node->outputs->data[index]);
}

/* The elements; null for a null tensor. */
template <typename T>
T *GetTensorData(TfLiteEvalTensor *tensor) {
  return tensor ? static_cast<T *>(tensor->data.data) : nullptr;
}
template <typename T>
const T *GetTensorData(const TfLiteEvalTensor *tensor) {
  return tensor ? static_cast<const T *>(tensor->data.data) : nullptr;
}

}  // namespace tflite::micro
#endif
