/* Operators that look their outputs up in a table, which Prepare fills. */
#ifndef CFUFORGE_LOOKUP_H
#define CFUFORGE_LOOKUP_H

#include "operator_util.h"

namespace tflite {

/* The first half of such an operator's Prepare: finds its tensors, of the same number of elements and
 * with positive scales, and allocates the table of 256 values. Reports what is wrong. */
TfLiteStatus PrepareLookup(TfLiteContext *context, TfLiteNode *node, OperatorTensors *tensors,
                           int8_t **table);

/* Its Eval. */
TfLiteStatus EvalLookup(TfLiteContext *context, TfLiteNode *node);

/* What LOGISTIC and TANH need of the input. */
TfLiteStatus SigmoidParams(TfLiteContext *context, const TfLiteTensor *input,
                           nn_sigmoid_params *params);

/* The input's scale as a multiple of the output's. */
inline double ScaleRatio(const OperatorTensors &tensors) {
  return double(tensors.input->params.scale) / double(tensors.output->params.scale);
}

/* From the input's to the output's quantisation by one factor. */
nn_rescale_params RescaleParams(const OperatorTensors &tensors, double factor);

}  // namespace tflite
#endif
