/* QUANTIZE, DEQUANTIZE and NEG: their tensors, which have the same number of elements. */
#ifndef CFUFORGE_FLOAT_TENSORS_H
#define CFUFORGE_FLOAT_TENSORS_H

#include "operator_util.h"

namespace tflite {

/* Whether the nn library has the integer type, and its name there. */
bool NumberType(TfLiteType type, nn_type *number);

/* Input 0 and output 0, of the same number of elements. Reports what is wrong. */
TfLiteStatus SameElements(TfLiteContext *context, TfLiteNode *node, OperatorTensors *tensors,
                          int32_t *size);

/* What is kept where one tensor is quantised and the other has floats. */
struct FloatData {
  nn_type type;
  float scale;
  int32_t zero_point, size;
};

/* Makes a FloatData node->user_data. Reports a scale that is not positive. */
TfLiteStatus KeepFloat(TfLiteContext *context, TfLiteNode *node, const char *what,
                       const TfLiteTensor *quantised, nn_type type, int32_t size);

}  // namespace tflite
#endif
