/* The tensors of QUANTIZE, DEQUANTIZE and NEG, which have the same number of elements. */
#ifndef CFUFORGE_FLOAT_TENSORS_H
#define CFUFORGE_FLOAT_TENSORS_H

#include "operator_util.h"

namespace tflite {

/* Whether the nn library supports the integer type, and its name there. */
bool NumberType(TfLiteType type, nn_type *number);

/* Input 0 and output 0, of the same number of elements. Reports what is wrong. */
TfLiteStatus SameElements(TfLiteContext *context, TfLiteNode *node, OperatorTensors *tensors,
                          int32_t *size);

/* The data of an operator between a quantised and a float tensor. */
struct FloatData {
  nn_type type;
  float scale;
  int32_t zero_point, size;
};

/* Sets node->user_data to a FloatData. Reports a scale that is not positive. */
TfLiteStatus KeepFloat(TfLiteContext *context, TfLiteNode *node, const char *what,
                       const TfLiteTensor *quantised, nn_type type, int32_t size);

}  // namespace tflite
#endif
