/* Properties of the model's tensors, for the loader and the context. */
#ifndef CFUFORGE_TENSORS_H
#define CFUFORGE_TENSORS_H

#include "tensorflow/lite/c/common.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace tflite {

/* The type, as operators see it. */
TfLiteType TypeOf(TensorType type);

/* Bytes of one element; 0 for a type without a fixed size. */
size_t ElementBytes(TfLiteType type);

/* Bytes of all elements. */
size_t TensorBytes(const TfLiteEvalTensor &tensor);

/* The buffer with a constant's elements; null for a tensor that is not constant. The model must have the
 * tensor's buffer. */
const flat::Vector<uint8_t> *ConstantData(const Model *model, const Tensor *tensor);

/* A tensor's name; empty if it has none. */
const char *TensorName(const SubGraph *subgraph, int index);

}  // namespace tflite
#endif
