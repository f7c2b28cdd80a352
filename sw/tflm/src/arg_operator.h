/* Shared by ARG_MAX and ARG_MIN: all but the kernel. */
#ifndef CFUFORGE_ARG_OPERATOR_H
#define CFUFORGE_ARG_OPERATOR_H

#include "operator_util.h"

namespace tflite {

struct ArgData {
  nn_rows rows;
};

/* Checks the tensors and sets node->user_data to an ArgData. */
TfLiteStatus PrepareArg(TfLiteContext *context, TfLiteNode *node);

/* Runs `kernel`, for example nn_arg_max_s8. */
inline TfLiteStatus EvalArg(TfLiteContext *context, TfLiteNode *node,
                            decltype(nn_arg_max_s8) *kernel) {
  const ArgData *data = static_cast<const ArgData *>(node->user_data);
  const EvalTensors tensors(context, node);
  nn_context kernel_context = {};
  const nn_status status = kernel(&kernel_context, &data->rows, tensors.input->data.int8,
                                  tensors.output->data.i32);
  return Finish(context, kernel_context, status);
}

}  // namespace tflite
#endif
