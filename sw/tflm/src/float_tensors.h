/* QUANTIZE and DEQUANTIZE: one tensor is int8, the other float32. */
#ifndef CFUFORGE_FLOAT_TENSORS_H
#define CFUFORGE_FLOAT_TENSORS_H

#include "operator_util.h"

namespace tflite {

struct FloatData {
  float scale;
  int32_t zero_point, size;
};

/* Their Prepare: the types are kTfLiteInt8 and kTfLiteFloat32, or the reverse. Reports what is wrong. */
TfLiteStatus PrepareFloat(TfLiteContext *context, TfLiteNode *node, TfLiteType input,
                          TfLiteType output);

}  // namespace tflite
#endif
