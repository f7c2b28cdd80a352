/* What can be wrong with a tensor, whoever uses it. */
#ifndef CFUFORGE_CHECK_TENSOR_H
#define CFUFORGE_CHECK_TENSOR_H

#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace tflite {

/* Tensor `index` of the model has a type and a shape that the runtime knows, the buffer that it
 * names, all of its data where it is a constant, and a quantisation of one scale or of one for each
 * index of a dimension. Says what is wrong. */
TfLiteStatus CheckTensor(const Model *model, const Tensor *tensor, int index);

}  // namespace tflite
#endif
