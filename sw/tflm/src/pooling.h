/* Shared by the pooling operators: all but the kernel. */
#ifndef CFUFORGE_POOLING_H
#define CFUFORGE_POOLING_H

#include "prepare_kernel.h"

namespace tflite {

/* Checks the tensors, sets node->user_data to nn_pool_params, and calls `prepare`, for example
 * nn_max_pool_s8_prepare. */
TfLiteStatus PreparePool(TfLiteContext *context, TfLiteNode *node,
                         decltype(nn_average_pool_s8_prepare) *prepare);

/* Runs `kernel`, for example nn_max_pool_s8. */
inline TfLiteStatus EvalPool(TfLiteContext *context, TfLiteNode *node,
                             decltype(nn_average_pool_s8) *kernel) {
  const EvalTensors tensors(context, node);
  nn_context kernel_context = KernelContext(context);
  const nn_status status =
      kernel(&kernel_context, static_cast<const nn_pool_params *>(node->user_data),
             DimsOf(tensors.input), tensors.input->data.int8, DimsOf(tensors.output),
             tensors.output->data.int8);
  return Finish(context, kernel_context, status);
}

}  // namespace tflite
#endif
