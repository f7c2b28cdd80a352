/* What the reducing operators have in common: their axes. */
#ifndef CFUFORGE_REDUCTION_H
#define CFUFORGE_REDUCTION_H

#include "operator_util.h"

namespace tflite {

/* What to reduce of a tensor, from its dims and its axes, a constant int32 tensor at input 1 that
 * holds any of -rank..rank-1 in any order. Reports what is wrong, also an output of another size
 * than what is kept. */
TfLiteStatus FindReduction(TfLiteContext *context, TfLiteNode *node,
                           const OperatorTensors &tensors, nn_reduction *reduction);

/* SUM and MEAN. */
struct ReduceSumData {
  nn_reduce_sum_params params;
  nn_reduction reduction;
};

/* Makes a ReduceSumData for SUM, or for MEAN, node->user_data. */
TfLiteStatus PrepareReduceSum(TfLiteContext *context, TfLiteNode *node, bool mean);
TfLiteStatus EvalReduceSum(TfLiteContext *context, TfLiteNode *node);

/* The index of `axis`, -rank..rank-1, counted from the front. Reports another one. */
TfLiteStatus ResolveAxis(TfLiteContext *context, int32_t axis, int32_t rank, int32_t *index);

/* The values of input 1, a constant int32 tensor, and how many they are. Reports another one. */
TfLiteStatus ConstantAxes(TfLiteContext *context, TfLiteNode *node, const int32_t **axes,
                          int32_t *count);

}  // namespace tflite
#endif
