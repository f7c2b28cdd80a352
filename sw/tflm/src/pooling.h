/* What the pooling operators have in common: all but their kernel. */
#ifndef CFUFORGE_POOLING_H
#define CFUFORGE_POOLING_H

#include "operator_util.h"

namespace tflite {

struct PoolData {
  EvalTensors tensors;
  nn_pool_params params;
  nn_dims input, output;
};

/* Checks the tensors and makes a PoolData node->user_data. */
TfLiteStatus PreparePool(TfLiteContext *context, TfLiteNode *node);

/* Runs `kernel`, for example nn_max_pool_s8. */
inline TfLiteStatus EvalPool(TfLiteContext *context, TfLiteNode *node,
                             decltype(nn_average_pool_s8) *kernel) {
  const PoolData *data = static_cast<const PoolData *>(node->user_data);
  nn_context kernel_context = {};
  const nn_status status =
      kernel(&kernel_context, &data->params, &data->input, data->tensors.input->data.int8,
             &data->output, data->tensors.output->data.int8);
  return Finish(context, kernel_context, status);
}

}  // namespace tflite
#endif
