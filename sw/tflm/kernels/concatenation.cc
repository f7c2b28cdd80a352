/* CONCATENATION over nn_move. */
#include "moves.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

constexpr uint32_t kTypes = kCommonTypes | TypeBit(kTfLiteInt64) | TypeBit(kTfLiteBool);
constexpr int kMostInputs = 10; /* as in TFLM */

TfLiteStatus CheckInput(TfLiteContext *context, int index, const TfLiteTensor *input,
                        const TfLiteTensor *output, int axis) {
  TF_LITE_ENSURE_STATUS(CheckRank(context, "input", index, input, output->dims->size));
  for (int d = 0; d < output->dims->size; ++d) {
    if (d == axis) continue;
    TF_LITE_ENSURE_STATUS(CheckDim(context, "input", index, input, d, output->dims->data[d]));
  }
  const bool quantised = input->type == kTfLiteInt8 || input->type == kTfLiteInt16;
  TF_LITE_ENSURE_MSG(context,
                     !quantised || (input->params.scale == output->params.scale &&
                                    input->params.zero_point == output->params.zero_point),
                     "input %d must have the output's scale and zero point", index);
  TF_LITE_ENSURE_MSG(context, input->type != kTfLiteInt16 || input->params.zero_point == 0,
                     "input %d is INT16, whose zero point must be 0, not %d", index,
                     int(input->params.zero_point));
  return kTfLiteOk;
}

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  const auto *options = Options<ConcatenationOptions>(context, node);
  if (!options) return kTfLiteError;
  TF_LITE_ENSURE_MSG(context, options->fused_activation_function() == ActivationFunctionType_NONE,
                     "a fused activation function is not supported");
  const int count = node->inputs->size;
  TF_LITE_ENSURE_MSG(context, count >= 1 && count <= kMostInputs,
                     "it must have 1 to %d inputs, not %d", kMostInputs, count);
  const TfLiteTensor *output = OutputOf(context, node, 0, kTypes);
  if (!output) return kTfLiteError;
  int axis;
  TF_LITE_ENSURE_STATUS(AxisOf(context, options->axis(), output->dims->size, &axis));
  Parts *parts = NewParts(context, node, output, axis, count);
  if (!parts) return kTfLiteError;
  int64_t sum = 0;
  for (int i = 0; i < count; ++i) {
    const TfLiteTensor *input = InputOf(context, node, i, TypeBit(output->type));
    if (!input) return kTfLiteError;
    TF_LITE_ENSURE_STATUS(CheckInput(context, i, input, output, axis));
    parts->part[i].bytes = int32_t(input->bytes) / parts->rows;
    sum += input->dims->data[axis];
  }
  TF_LITE_ENSURE_MSG(context, sum == output->dims->data[axis],
                     "dimension %d of output 0 must be the inputs' sum %lld, not %d", axis,
                     (long long)(sum), int(output->dims->data[axis]));
  return PrepareMoves(context, node, true);
}

}  // namespace

TFLMRegistration Register_CONCATENATION() {
  return {nullptr, nullptr, Prepare, JoinParts, BuiltinOperator_CONCATENATION, nullptr};
}

}  // namespace tflite
