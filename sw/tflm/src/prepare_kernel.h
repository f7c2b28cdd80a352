/* Lets a kernel keep what depends on the model alone. */
#ifndef CFUFORGE_PREPARE_KERNEL_H
#define CFUFORGE_PREPARE_KERNEL_H

#include "no_prepare.h"
#include "operator_util.h"

namespace tflite {

/* The rest of PrepareKernel, after the first call: reports a failure, or allocates `bytes` and calls again. */
TfLiteStatus FillKernelMemory(TfLiteContext *context, nn_status status, int32_t bytes,
                              nn_status (*prepare)(const void *function, nn_context *kernel),
                              const void *function, int input);

/* Calls `prepare`, an nn_status (nn_context *), which calls a kernel's prepare function: for its size and, if
 * that is not 0, to fill the memory. The last step of Prepare, once everything has been checked. `input` is the
 * number of the operator's input that is the kernel's first. */
template <typename Function>
TfLiteStatus PrepareKernel(TfLiteContext *context, const Function &prepare, int input = 0) {
  nn_context kernel = {};
  const nn_status status = prepare(&kernel);
  if (status == NN_OK && kernel.persistent_size == 0) return kTfLiteOk;
  const auto again = [](const void *function, nn_context *kernel) {
    return (*static_cast<const Function *>(function))(kernel);
  };
  return FillKernelMemory(context, status, kernel.persistent_size, again, &prepare, input);
}

/* The elements of a constant input; null for any other. */
template <typename T>
const T *ConstantInput(const TfLiteContext *context, const TfLiteNode *node, int index) {
  return static_cast<const T *>(GetMicroContext(context)->ConstantInput(node, index));
}

/* The filter as a prepare function takes it: null unless the bias, if there is one, is constant as well. */
inline const int8_t *ConstantFilter(const TfLiteContext *context, const TfLiteNode *node,
                                    int filter, int bias) {
  const bool known = EvalInput(context, node, bias) == &kAbsentTensor ||
                     ConstantInput<int32_t>(context, node, bias);
  return known ? ConstantInput<int8_t>(context, node, filter) : nullptr;
}

}  // namespace tflite
#endif
