/* SPLIT and SPLIT_V over nn_move. As in TFLM, the shapes of the outputs determine the parts; SPLIT_V's
 * sizes (input 1) are not read. */
#include "moves.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus CheckOutput(TfLiteContext *context, int index, const TfLiteTensor *output,
                         const TfLiteTensor *input, int axis) {
  TF_LITE_ENSURE_STATUS(CheckRank(context, "output", index, output, input->dims->size));
  for (int d = 0; d < input->dims->size; ++d) {
    if (d == axis) continue;
    TF_LITE_ENSURE_STATUS(CheckDim(context, "output", index, output, d, input->dims->data[d]));
  }
  return kTfLiteOk;
}

TfLiteStatus PrepareParts(TfLiteContext *context, TfLiteNode *node, int from, int axis_input,
                          bool equal) {
  const TfLiteTensor *input = InputOf(context, node, from, kCommonTypes);
  if (!input) return kTfLiteError;
  const int32_t *given = ConstantOf(context, node, axis_input, "axis", 1);
  if (!given) return kTfLiteError;
  int axis;
  TF_LITE_ENSURE_STATUS(AxisOf(context, *given, input->dims->size, &axis));
  const int count = node->outputs->size;
  TF_LITE_ENSURE_MSG(context, count >= 1, "it must have at least 1 output");
  Parts *parts = NewParts(context, node, input, axis, count);
  if (!parts) return kTfLiteError;
  const int32_t size = input->dims->data[axis];
  int64_t sum = 0;
  for (int i = 0; i < count; ++i) {
    const TfLiteTensor *output = OutputOf(context, node, i, TypeBit(input->type));
    if (!output) return kTfLiteError;
    TF_LITE_ENSURE_STATUS(CheckOutput(context, i, output, input, axis));
    if (equal) {
      TF_LITE_ENSURE_STATUS(CheckDim(context, "output", i, output, axis, size / count));
    }
    parts->part[i].bytes = int32_t(output->bytes) / parts->rows;
    sum += output->dims->data[axis];
  }
  TF_LITE_ENSURE_MSG(context, sum == size,
                     "dimension %d of input %d must be the outputs' sum %lld, not %d", axis, from,
                     (long long)(sum), int(size));
  return PrepareMoves(context, node, false);
}

TfLiteStatus PrepareSplit(TfLiteContext *context, TfLiteNode *node) {
  return PrepareParts(context, node, 1, 0, true);
}

TfLiteStatus EvalSplit(TfLiteContext *context, TfLiteNode *node) {
  return SplitParts(context, node, 1);
}

TfLiteStatus PrepareSplitV(TfLiteContext *context, TfLiteNode *node) {
  return PrepareParts(context, node, 0, 2, false);
}

TfLiteStatus EvalSplitV(TfLiteContext *context, TfLiteNode *node) {
  return SplitParts(context, node, 0);
}

}  // namespace

TFLMRegistration Register_SPLIT() {
  return {nullptr, nullptr, PrepareSplit, EvalSplit, BuiltinOperator_SPLIT, nullptr};
}

TFLMRegistration Register_SPLIT_V() {
  return {nullptr, nullptr, PrepareSplitV, EvalSplitV, BuiltinOperator_SPLIT_V, nullptr};
}

}  // namespace tflite
