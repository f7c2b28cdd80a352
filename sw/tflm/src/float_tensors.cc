#include "float_tensors.h"

#include "tensors.h"

namespace tflite {

bool NumberType(TfLiteType type, nn_type *number) {
  switch (type) {
    case kTfLiteInt8:
      *number = NN_INT8;
      return true;
    case kTfLiteUInt8:
      *number = NN_UINT8;
      return true;
    case kTfLiteInt16:
      *number = NN_INT16;
      return true;
    case kTfLiteInt32:
      *number = NN_INT32;
      return true;
    default:
      return false;
  }
}

TfLiteStatus SameElements(TfLiteContext *context, TfLiteNode *node, OperatorTensors *tensors,
                          int32_t *size) {
  MicroContext *micro = GetMicroContext(context);
  *tensors = {};
  const TfLiteTensor *from = tensors->input = micro->AllocateTempInputTensor(node, 0);
  const TfLiteTensor *to = tensors->output = micro->AllocateTempOutputTensor(node, 0);
  TF_LITE_ENSURE_MSG(context, from && to, "the input or the output is missing");
  const size_t width = ElementBytes(from->type), other = ElementBytes(to->type);
  TF_LITE_ENSURE_MSG(context, width && other, "%s to %s is not supported",
                     TfLiteTypeGetName(from->type), TfLiteTypeGetName(to->type));
  TF_LITE_ENSURE_MSG(context, from->bytes / width == to->bytes / other,
                     "input and output must have the same number of elements, not %u and %u",
                     unsigned(from->bytes / width), unsigned(to->bytes / other));
  *size = int32_t(from->bytes / width);
  return kTfLiteOk;
}

TfLiteStatus KeepFloat(TfLiteContext *context, TfLiteNode *node, const char *what,
                       const TfLiteTensor *quantised, nn_type type, int32_t size) {
  FloatData *data = NewData<FloatData>(context, node);
  if (!data) return kTfLiteError;
  TF_LITE_ENSURE_MSG(context, IsScale(quantised->params.scale), "the %s must have a positive scale",
                     what);
  *data = {type, quantised->params.scale, quantised->params.zero_point, size};
  return kTfLiteOk;
}

}  // namespace tflite
