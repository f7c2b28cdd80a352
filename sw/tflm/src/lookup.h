/* Operators whose every output is a function of one int8 value. */
#ifndef CFUFORGE_LOOKUP_H
#define CFUFORGE_LOOKUP_H

#include "operator_util.h"

namespace tflite {

/* A kernel for `size` values with its parameters; `output` may be `input`. */
typedef nn_status UnaryKernel(nn_context *kernel, const void *params, int32_t size,
                              const int8_t *input, int8_t *output);

/* Eval: all values by the kernel or, where they are many, from a table of its 256 results, which is
 * made anew each time and lies on the stack. */
TfLiteStatus EvalUnary(TfLiteContext *context, UnaryKernel *compute, const void *params,
                       int32_t size, const int8_t *input, int8_t *output);

/* What such an operator with one input keeps. */
template <typename Params>
struct UnaryData {
  EvalTensors tensors;
  int32_t size;
  Params params;
};

/* Input and output, int8, of the same number of elements and with positive scales. Reports what is
 * wrong. */
TfLiteStatus LookupTensors(TfLiteContext *context, TfLiteNode *node, OperatorTensors *tensors);

/* The first half of Prepare: finds the tensors and makes a UnaryData node->user_data. Returns its
 * parameters, not filled; null when something is wrong. */
template <typename Params>
Params *PrepareUnary(TfLiteContext *context, TfLiteNode *node, OperatorTensors *tensors) {
  auto *data = NewData<UnaryData<Params>>(context, node);
  if (!data || LookupTensors(context, node, tensors) != kTfLiteOk) return nullptr;
  data->tensors = EvalTensors(context, node);
  data->size = int32_t(tensors->input->bytes);
  return &data->params;
}

/* Eval of those over nn_rescale_s8, and over nn_sigmoid_s8. */
TfLiteStatus EvalRescale(TfLiteContext *context, TfLiteNode *node);
TfLiteStatus EvalSigmoid(TfLiteContext *context, TfLiteNode *node);

/* What LOGISTIC and TANH need of the input. */
TfLiteStatus SigmoidParams(TfLiteContext *context, const TfLiteTensor *input,
                           nn_sigmoid_params *params);

/* The input's scale as a multiple of the output's. */
inline double ScaleRatio(const OperatorTensors &tensors) {
  return double(tensors.input->params.scale) / double(tensors.output->params.scale);
}

/* From the input's to the output's quantisation by one factor. */
nn_rescale_params RescaleParams(const OperatorTensors &tensors, double factor);

}  // namespace tflite
#endif
