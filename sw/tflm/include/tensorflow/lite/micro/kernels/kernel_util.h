/* What operators use to reach their tensors in Eval. */
#ifndef TENSORFLOW_LITE_MICRO_KERNELS_KERNEL_UTIL_H_
#define TENSORFLOW_LITE_MICRO_KERNELS_KERNEL_UTIL_H_

#include "tensorflow/lite/micro/micro_context.h"

namespace tflite::micro {

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
