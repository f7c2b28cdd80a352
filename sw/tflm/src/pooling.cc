#include "pooling.h"

namespace tflite {

constexpr float kSameScale = 1e-6f; /* how much scales may differ, as in TFLM */

TfLiteStatus PreparePool(TfLiteContext *context, TfLiteNode *node,
                         decltype(nn_average_pool_s8_prepare) *prepare) {
  nn_pool_params *params = NewData<nn_pool_params>(context, node);
  const auto *options = Options<Pool2DOptions>(context, node);
  if (!params || !options) return kTfLiteError;
  OperatorTensors tensors;
  TF_LITE_ENSURE_STATUS(UnaryTensors(context, node, &tensors));
  const nn_dims *input_dims, *output_dims;
  TF_LITE_ENSURE_STATUS(Dims4(context, "input", tensors.input, &input_dims));
  TF_LITE_ENSURE_STATUS(Dims4(context, "output", tensors.output, &output_dims));
  const nn_dims &input = *input_dims, &output = *output_dims;
  TF_LITE_ENSURE_MSG(context, output.n == input.n && output.c == input.c,
                     "the output must have %d batches of %d channels, not %d of %d", int(input.n),
                     int(input.c), int(output.n), int(output.c));
  const float difference = tensors.input->params.scale - tensors.output->params.scale;
  TF_LITE_ENSURE_MSG(context,
                     difference <= kSameScale && difference >= -kSameScale &&
                         tensors.input->params.zero_point == tensors.output->params.zero_point,
                     "the output must have the input's scale and zero point");
  params->stride = {options->stride_w(), options->stride_h()};
  params->filter = {options->filter_width(), options->filter_height()};
  TF_LITE_ENSURE_STATUS(PaddingBefore(context, options->padding(), "height",
                                      {input.h, params->filter.h, params->stride.h, 1, output.h},
                                      &params->padding.h));
  TF_LITE_ENSURE_STATUS(PaddingBefore(context, options->padding(), "width",
                                      {input.w, params->filter.w, params->stride.w, 1, output.w},
                                      &params->padding.w));
  TF_LITE_ENSURE_STATUS(ActivationRange(context, options->fused_activation_function(),
                                        tensors.output, &params->activation));
  return PrepareKernel(context, [&](nn_context *kernel) {
    return prepare(kernel, params, &input, &output);
  });
}

}  // namespace tflite
