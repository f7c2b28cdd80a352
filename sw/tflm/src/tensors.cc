#include "tensors.h"

namespace tflite {

TfLiteType TypeOf(TensorType type) {
  static const TfLiteType kTypes[] = {
      kTfLiteFloat32, kTfLiteFloat16,    kTfLiteInt32,  kTfLiteUInt8,     kTfLiteInt64,
      kTfLiteString,  kTfLiteBool,       kTfLiteInt16,  kTfLiteComplex64, kTfLiteInt8,
      kTfLiteFloat64, kTfLiteComplex128, kTfLiteUInt64, kTfLiteResource,  kTfLiteVariant,
      kTfLiteUInt32,  kTfLiteUInt16,     kTfLiteInt4,   kTfLiteBFloat16,
  };
  const uint8_t index = uint8_t(type);
  return index < sizeof kTypes / sizeof kTypes[0] ? kTypes[index] : kTfLiteNoType;
}

size_t ElementBytes(TfLiteType type) {
  switch (type) {
    case kTfLiteInt8:
    case kTfLiteUInt8:
    case kTfLiteBool:
      return 1;
    case kTfLiteInt16:
    case kTfLiteUInt16:
    case kTfLiteFloat16:
    case kTfLiteBFloat16:
      return 2;
    case kTfLiteInt32:
    case kTfLiteUInt32:
    case kTfLiteFloat32:
      return 4;
    case kTfLiteInt64:
    case kTfLiteUInt64:
    case kTfLiteFloat64:
      return 8;
    default:
      return 0;
  }
}

size_t TensorBytes(const TfLiteEvalTensor &tensor) {
  size_t bytes = ElementBytes(tensor.type);
  for (int i = 0; i < tensor.dims->size; ++i) bytes *= size_t(tensor.dims->data[i]);
  return bytes;
}

const flat::Vector<uint8_t> *ConstantData(const Model *model, const Tensor *tensor) {
  if (tensor->is_variable()) return nullptr; /* as in TFLM, even if the model has data for it */
  const flat::Vector<uint8_t> *data = model->buffers()->Get(tensor->buffer())->data();
  return data && data->size() > 0 ? data : nullptr;
}

const char *TensorName(const SubGraph *subgraph, int index) {
  const flat::String *name = subgraph->tensors()->Get(uint32_t(index))->name();
  return name ? name->c_str() : "";
}

}  // namespace tflite
