/* RESIZE_BILINEAR over nn_resize_bilinear_s8. */
#include "moves.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

constexpr int32_t kLargest = (1 << 20) - 1;

struct Data {
  nn_resize_bilinear_params params;
  nn_dims input, output;
};

/* The input's size over the output's in Q10, rounded. */
int32_t Scale(int32_t input, int32_t output, bool align_corners) {
  if (align_corners && output > 1) --input, --output;
  return ((input << 10) + output / 2) / output;
}

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  const auto *options = Options<ResizeBilinearOptions>(context, node);
  if (!data || !options) return kTfLiteError;
  const bool corners = options->align_corners(), half_pixel = options->half_pixel_centers();
  TF_LITE_ENSURE_MSG(context, !(corners && half_pixel),
                     "aligned corners and half pixel centres exclude each other");
  TF_LITE_ENSURE_STATUS(ResizeDims(context, node, TypeBit(kTfLiteInt8), kLargest, &data->input,
                                   &data->output));
  data->params.scale.h = Scale(data->input.h, data->output.h, corners);
  data->params.scale.w = Scale(data->input.w, data->output.w, corners);
  data->params.half_pixel = half_pixel;
  return kTfLiteOk;
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const Data *data = static_cast<const Data *>(node->user_data);
  nn_context kernel = {};
  const nn_status status =
      nn_resize_bilinear_s8(&kernel, &data->params, &data->input,
                            micro::GetEvalInput(context, node, 0)->data.int8, &data->output,
                            micro::GetEvalOutput(context, node, 0)->data.int8);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_RESIZE_BILINEAR() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_RESIZE_BILINEAR, nullptr};
}

}  // namespace tflite
