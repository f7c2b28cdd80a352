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
  const uint32_t index = tensor->buffer();
  if (!model->buffers() || index >= model->buffers()->size()) return nullptr;
  const flat::Vector<uint8_t> *data = model->buffers()->Get(index)->data();
  return data && data->size() > 0 ? data : nullptr;
}

void OperatorPrefix(const char *name, int index, char *prefix, size_t size) {
  char digits[12];
  int count = 0;
  do {
    digits[count++] = char('0' + index % 10);
    index /= 10;
  } while (index);
  size_t length = 0;
  const auto put = [&](char character) {
    if (length < size - 1) prefix[length++] = character;
  };
  while (*name) put(*name++);
  for (const char *text = " (operator "; *text; ++text) put(*text);
  while (count) put(digits[--count]);
  for (const char *text = "): "; *text; ++text) put(*text);
  prefix[length] = 0;
}

}  // namespace tflite
