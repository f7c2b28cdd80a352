/* AVERAGE_POOL_2D over nn_average_pool_s8. */
#include "operator_util.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

struct Data {
  EvalTensors tensors;
  nn_pool_params params;
  nn_dims input, output;
};

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  const auto *options = Options<Pool2DOptions>(context, node);
  if (!data || !options) return kTfLiteError;
  OperatorTensors tensors;
  TF_LITE_ENSURE_STATUS(UnaryTensors(context, node, &tensors));
  data->tensors = EvalTensors(context, node);
  TF_LITE_ENSURE_STATUS(Dims4(context, "input", tensors.input, &data->input));
  TF_LITE_ENSURE_STATUS(Dims4(context, "output", tensors.output, &data->output));
  const nn_dims &input = data->input, &output = data->output;
  TF_LITE_ENSURE_MSG(context, output.n == input.n && output.c == input.c,
                     "the output must have %d batches of %d channels, not %d of %d", int(input.n),
                     int(input.c), int(output.n), int(output.c));
  nn_pool_params &params = data->params;
  params.stride = {options->stride_w(), options->stride_h()};
  params.filter = {options->filter_width(), options->filter_height()};
  TF_LITE_ENSURE_STATUS(PaddingBefore(context, options->padding(), "height",
                                      {input.h, params.filter.h, params.stride.h, 1, output.h},
                                      &params.padding.h));
  TF_LITE_ENSURE_STATUS(PaddingBefore(context, options->padding(), "width",
                                      {input.w, params.filter.w, params.stride.w, 1, output.w},
                                      &params.padding.w));
  return ActivationRange(context, options->fused_activation_function(), tensors.output,
                         &params.activation);
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const Data *data = static_cast<const Data *>(node->user_data);
  nn_context kernel = {};
  const nn_status status =
      nn_average_pool_s8(&kernel, &data->params, &data->input, data->tensors.input->data.int8,
                         &data->output, data->tensors.output->data.int8);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_AVERAGE_POOL_2D() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_AVERAGE_POOL_2D, nullptr};
}

}  // namespace tflite
