/* What the elementwise operators share. */
#ifndef CFUFORGE_ELEMENTWISE_H
#define CFUFORGE_ELEMENTWISE_H

#include "operator_util.h"

namespace tflite {

/* Inputs 0 and 1 (in `input` and `filter`) and output 0, all int8, not empty, with a positive scale.
 * Reports what is wrong. */
TfLiteStatus BinaryTensors(TfLiteContext *context, TfLiteNode *node, OperatorTensors *tensors);

/* How the inputs are broadcast, in as few axes as possible, in persistent memory. Reports inputs that
 * do not fit, and an output of another number of elements. */
TfLiteStatus Broadcast(TfLiteContext *context, const OperatorTensors &tensors, nn_broadcast *shape);

/* The parameters of ADD and SUB. */
TfLiteStatus AddParams(TfLiteContext *context, const OperatorTensors &tensors,
                       ActivationFunctionType activation, nn_add_params *params);

}  // namespace tflite
#endif
