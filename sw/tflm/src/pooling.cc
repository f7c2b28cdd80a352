#include "pooling.h"

namespace tflite {

constexpr float kSameScale = 1e-6f; /* how much scales may differ, as in TFLM */

TfLiteStatus PreparePool(TfLiteContext *context, TfLiteNode *node) {
  PoolData *data = NewData<PoolData>(context, node);
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
  const float difference = tensors.input->params.scale - tensors.output->params.scale;
  TF_LITE_ENSURE_MSG(context,
                     difference <= kSameScale && difference >= -kSameScale &&
                         tensors.input->params.zero_point == tensors.output->params.zero_point,
                     "the output must have the input's scale and zero point");
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

}  // namespace tflite
