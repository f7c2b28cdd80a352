#include "float_tensors.h"

namespace tflite {

TfLiteStatus PrepareFloat(TfLiteContext *context, TfLiteNode *node, TfLiteType input,
                          TfLiteType output) {
  FloatData *data = NewData<FloatData>(context, node);
  if (!data) return kTfLiteError;
  MicroContext *micro = GetMicroContext(context);
  const TfLiteTensor *from = micro->AllocateTempInputTensor(node, 0);
  const TfLiteTensor *to = micro->AllocateTempOutputTensor(node, 0);
  TF_LITE_ENSURE_MSG(context, from && to, "the input or the output is missing");
  TF_LITE_ENSURE_MSG(context, from->type == input, "the input must be %s, not %s",
                     TfLiteTypeGetName(input), TfLiteTypeGetName(from->type));
  TF_LITE_ENSURE_MSG(context, to->type == output, "the output must be %s, not %s",
                     TfLiteTypeGetName(output), TfLiteTypeGetName(to->type));
  const bool floats_first = input == kTfLiteFloat32;
  const TfLiteTensor *floats = floats_first ? from : to, *quantised = floats_first ? to : from;
  TF_LITE_ENSURE_MSG(context, floats->bytes == sizeof(float) * quantised->bytes,
                     "input and output must have the same number of elements, not %u and %u",
                     unsigned(from->bytes / (floats_first ? sizeof(float) : 1)),
                     unsigned(to->bytes / (floats_first ? 1 : sizeof(float))));
  TF_LITE_ENSURE_MSG(context, IsScale(quantised->params.scale), "the %s must have a positive scale",
                     floats_first ? "output" : "input");
  data->scale = quantised->params.scale;
  data->zero_point = quantised->params.zero_point;
  data->size = int32_t(quantised->bytes);
  return kTfLiteOk;
}

}  // namespace tflite
