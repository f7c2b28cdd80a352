/* PACK over nn_move: inputs of the same shape along a new axis. */
#include "moves.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  const auto *options = Options<PackOptions>(context, node);
  if (!options) return kTfLiteError;
  const TfLiteTensor *output =
      OutputOf(context, node, 0, kCommonTypes | TypeBit(kTfLiteInt64));
  if (!output) return kTfLiteError;
  int axis;
  TF_LITE_ENSURE_STATUS(AxisOf(context, options->axis(), output->dims->size, &axis));
  const int count = node->inputs->size;
  TF_LITE_ENSURE_MSG(context, count >= 1 && options->values_count() == count,
                     "it must have the %d inputs of its options, not %d",
                     int(options->values_count()), count);
  TF_LITE_ENSURE_STATUS(CheckDim(context, "output", 0, output, axis, count));
  Parts *parts = NewParts(context, node, output, axis, count);
  if (!parts) return kTfLiteError;
  for (int i = 0; i < count; ++i) {
    const TfLiteTensor *input = InputOf(context, node, i, TypeBit(output->type));
    if (!input) return kTfLiteError;
    TF_LITE_ENSURE_STATUS(CheckRank(context, "input", i, input, output->dims->size - 1));
    for (int d = 0; d < input->dims->size; ++d) {
      const int32_t size = output->dims->data[d < axis ? d : d + 1];
      TF_LITE_ENSURE_STATUS(CheckDim(context, "input", i, input, d, size));
    }
    parts->part[i].bytes = parts->whole / count;
  }
  return PrepareMoves(context, node, true);
}

}  // namespace

TFLMRegistration Register_PACK() {
  return {nullptr, nullptr, Prepare, JoinParts, BuiltinOperator_PACK, nullptr};
}

}  // namespace tflite
