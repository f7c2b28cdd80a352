/* RESIZE_NEAREST_NEIGHBOR over nn_resize_nearest. Prepare computes which pixel is nearest, in float32 as
 * TFLM does. */
#include "moves.h"
#include "tensors.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

constexpr uint32_t kTypes =
    TypeBit(kTfLiteInt8) | TypeBit(kTfLiteInt16) | TypeBit(kTfLiteFloat32); /* as in TFLM */
constexpr int32_t kLargest = 65535;

struct Data {
  nn_resize_nearest_params params;
  nn_dims input, output; /* c in bytes */
};

/* The input index for every output index along an axis, in persistent memory. */
const uint16_t *Nearest(TfLiteContext *context, int32_t input, int32_t output,
                        const ResizeNearestNeighborOptions &options) {
  const size_t bytes = sizeof(uint16_t) * size_t(output);
  uint16_t *table = static_cast<uint16_t *>(context->AllocatePersistentBuffer(context, bytes));
  if (!table) return nullptr;
  const bool corners = options.align_corners();
  const float scale = corners && output > 1 ? float(input - 1) / float(output - 1)
                                            : float(input) / float(output);
  const float offset = options.half_pixel_centers() ? 0.5f : 0.0f;
  for (int32_t i = 0; i < output; ++i) {
    const float place = (float(i) + offset) * scale;
    int32_t index = int32_t(place);
    if (corners && place - float(index) >= 0.5f) ++index;
    table[i] = uint16_t(index < input ? index : input - 1);
  }
  return table;
}

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  Data *data = NewData<Data>(context, node);
  const auto *options = Options<ResizeNearestNeighborOptions>(context, node);
  if (!data || !options) return kTfLiteError;
  TF_LITE_ENSURE_STATUS(ResizeDims(context, node, kTypes, kLargest, &data->input, &data->output));
  data->params.rows = Nearest(context, data->input.h, data->output.h, *options);
  data->params.columns = Nearest(context, data->input.w, data->output.w, *options);
  if (!data->params.rows || !data->params.columns) return kTfLiteError;
  const TfLiteEvalTensor *input = context->GetEvalTensor(context, node->inputs->data[0]);
  const int32_t pixel = data->input.c * int32_t(ElementBytes(input->type));
  data->input.c = data->output.c = pixel;
  return kTfLiteOk;
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const Data *data = static_cast<const Data *>(node->user_data);
  nn_context kernel = {};
  const nn_status status =
      nn_resize_nearest(&kernel, &data->params, &data->input,
                        micro::GetEvalInput(context, node, 0)->data.data, &data->output,
                        micro::GetEvalOutput(context, node, 0)->data.data);
  return Finish(context, kernel, status);
}

}  // namespace

TFLMRegistration Register_RESIZE_NEAREST_NEIGHBOR() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_RESIZE_NEAREST_NEIGHBOR, nullptr};
}

}  // namespace tflite
