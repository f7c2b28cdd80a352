/* UNPACK over nn_move: one output per index of an axis. */
#include "moves.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  const auto *options = Options<UnpackOptions>(context, node);
  if (!options) return kTfLiteError;
  const TfLiteTensor *input = InputOf(context, node, 0, kCommonTypes);
  if (!input) return kTfLiteError;
  int axis;
  TF_LITE_ENSURE_STATUS(AxisOf(context, options->axis(), input->dims->size, &axis));
  const int count = node->outputs->size;
  TF_LITE_ENSURE_MSG(context, options->num() == count,
                     "it must have the %d outputs of its options, not %d", int(options->num()),
                     count);
  TF_LITE_ENSURE_STATUS(CheckDim(context, "input", 0, input, axis, count));
  Parts *parts = NewParts(context, node, input, axis, count);
  if (!parts) return kTfLiteError;
  for (int i = 0; i < count; ++i) {
    const TfLiteTensor *output = OutputOf(context, node, i, TypeBit(input->type));
    if (!output) return kTfLiteError;
    TF_LITE_ENSURE_STATUS(CheckRank(context, "output", i, output, input->dims->size - 1));
    for (int d = 0; d < output->dims->size; ++d) {
      const int32_t size = input->dims->data[d < axis ? d : d + 1];
      TF_LITE_ENSURE_STATUS(CheckDim(context, "output", i, output, d, size));
    }
    parts->part[i].bytes = parts->whole / count;
  }
  return PrepareMoves(context, node, false);
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  return SplitParts(context, node, 0);
}

}  // namespace

TFLMRegistration Register_UNPACK() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_UNPACK, nullptr};
}

}  // namespace tflite
