/* Shared by the reducing operators: their axes. */
#ifndef CFUFORGE_REDUCTION_H
#define CFUFORGE_REDUCTION_H

#include "operator_util.h"

namespace tflite {

/* What to reduce, from a tensor's dims and the axes, a constant int32 tensor at input 1 with any of
 * -rank..rank-1 in any order. Reports what is wrong, including an output whose size is not that of the kept
 * axes. */
TfLiteStatus FindReduction(TfLiteContext *context, TfLiteNode *node,
                           const OperatorTensors &tensors, nn_reduction *reduction);

/* SUM and MEAN. */
struct ReduceSumData {
  nn_reduce_sum_params params;
  nn_reduction reduction;
};

/* Sets node->user_data to a ReduceSumData for SUM or MEAN. */
TfLiteStatus PrepareReduceSum(TfLiteContext *context, TfLiteNode *node, bool mean);
TfLiteStatus EvalReduceSum(TfLiteContext *context, TfLiteNode *node);

/* The index of `axis`, -rank..rank-1, counted from the front. Reports any other value. */
TfLiteStatus ResolveAxis(TfLiteContext *context, int32_t axis, int32_t rank, int32_t *index);

/* The values of input 1, a constant int32 tensor, and their number. Reports any other tensor. */
TfLiteStatus ConstantAxes(TfLiteContext *context, TfLiteNode *node, const int32_t **axes,
                          int32_t *count);

}  // namespace tflite
#endif
