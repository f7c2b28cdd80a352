/* Checks of a tensor that do not depend on the operator. */
#ifndef CFUFORGE_CHECK_TENSOR_H
#define CFUFORGE_CHECK_TENSOR_H

#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace tflite {

/* Checks that tensor `index` of the model has a known type and shape, an existing buffer, complete data if
 * it is a constant, and a quantisation of one scale or one per index of a dimension. Reports what is wrong.
 * */
TfLiteStatus CheckTensor(const Model *model, const Tensor *tensor, int index);

}  // namespace tflite
#endif
