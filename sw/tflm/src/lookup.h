/* Operators whose every output is a function of one int8 value. */
#ifndef CFUFORGE_LOOKUP_H
#define CFUFORGE_LOOKUP_H

#include "prepare_kernel.h"

namespace tflite {

/* A kernel for `size` values with its parameters; `output` may be `input`. */
typedef nn_status UnaryKernel(nn_context *kernel, const void *params, int32_t size,
                              const int8_t *input, int8_t *output);

/* Whether the layer is computed by a table of the kernel's 256 results: with so many values, making it pays
 * off. */
inline bool IsLookedUp(int32_t size) { return size >= 320; }

/* Prepare of such a layer: if a design has nn_lookup_s8_prepare, makes the table and calls that function. The
 * values are the operator's input number `input`. */
TfLiteStatus PrepareLookup(TfLiteContext *context, UnaryKernel *compute, const void *params,
                           int32_t size, int input = 0);

/* Eval: all values by the kernel or by the table, which is made each time, on the stack, unless it was made in
 * Prepare. */
TfLiteStatus EvalUnary(TfLiteContext *context, UnaryKernel *compute, const void *params,
                       int32_t size, const int8_t *input, int8_t *output);

/* A function of the nn library as a UnaryKernel. */
template <typename Params, auto *function>
nn_status ComputeUnary(nn_context *kernel, const void *params, int32_t size, const int8_t *input,
                       int8_t *output) {
  return function(kernel, static_cast<const Params *>(params), size, input, output);
}

/* The data of such an operator with one input. */
template <typename Params>
struct UnaryData {
  int32_t size;
  Params params;
};

/* Input and output, int8, of the same number of elements and with positive scales. Reports what is
 * wrong. */
TfLiteStatus LookupTensors(TfLiteContext *context, TfLiteNode *node, OperatorTensors *tensors);

/* The first half of Prepare: finds the tensors and sets node->user_data to a UnaryData. Returns its
 * parameters, to be filled; null on errors. */
template <typename Params>
Params *PrepareUnary(TfLiteContext *context, TfLiteNode *node, OperatorTensors *tensors) {
  auto *data = NewData<UnaryData<Params>>(context, node);
  if (!data || LookupTensors(context, node, tensors) != kTfLiteOk) return nullptr;
  data->size = int32_t(tensors->input->bytes);
  return &data->params;
}

/* The second half, once the parameters are filled: calls `prepare`, the function of `function`, or
 * PrepareLookup. */
template <typename Params, auto *function, auto *prepare>
TfLiteStatus PrepareUnaryKernel(TfLiteContext *context, const TfLiteNode *node) {
  const auto *data = static_cast<const UnaryData<Params> *>(node->user_data);
  if (IsLookedUp(data->size))
    return PrepareLookup(context, ComputeUnary<Params, function>, &data->params, data->size);
  return PrepareKernel(context, [&](nn_context *kernel) {
    return prepare(kernel, &data->params, data->size);
  });
}
constexpr auto *PrepareRescale =
    PrepareUnaryKernel<nn_rescale_params, nn_rescale_s8, nn_rescale_s8_prepare>;
constexpr auto *PrepareSigmoid =
    PrepareUnaryKernel<nn_sigmoid_params, nn_sigmoid_s8, nn_sigmoid_s8_prepare>;

/* Its Eval. */
template <typename Params, auto *function>
TfLiteStatus EvalUnary(TfLiteContext *context, TfLiteNode *node) {
  const auto *data = static_cast<const UnaryData<Params> *>(node->user_data);
  const EvalTensors tensors(context, node);
  return EvalUnary(context, ComputeUnary<Params, function>, &data->params, data->size,
                   tensors.input->data.int8, tensors.output->data.int8);
}
constexpr auto *EvalRescale = EvalUnary<nn_rescale_params, nn_rescale_s8>;
constexpr auto *EvalSigmoid = EvalUnary<nn_sigmoid_params, nn_sigmoid_s8>;

/* The parameters of LOGISTIC and TANH for the input. */
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
