/* SQUEEZE and EXPAND_DIMS: the same bytes with dimensions of 1 removed or inserted. The output's shape
 * determines which ones SQUEEZE removes; its options are ignored. */
#include "moves.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

constexpr uint32_t kAllTypes = ~0u;
constexpr uint32_t kExpandTypes =
    TypeBit(kTfLiteInt8) | TypeBit(kTfLiteInt16) | TypeBit(kTfLiteFloat32); /* as in TFLM */

TfLiteStatus PrepareSqueeze(TfLiteContext *context, TfLiteNode *node) {
  const TfLiteTensor *input = InputOf(context, node, 0, kAllTypes);
  if (!input) return kTfLiteError;
  const TfLiteTensor *output = OutputOf(context, node, 0, TypeBit(input->type));
  if (!output) return kTfLiteError;
  node->user_data = reinterpret_cast<void *>(input->bytes);
  int kept = 0;
  for (int i = 0; i < input->dims->size; ++i) {
    const int32_t size = input->dims->data[i];
    if (kept < output->dims->size && output->dims->data[kept] == size) {
      ++kept;
    } else {
      TF_LITE_ENSURE_MSG(context, size == 1,
                         "dimension %d of input 0 is %d, not 1, and is missing in output 0", i,
                         int(size));
    }
  }
  return CheckRank(context, "output", 0, output, kept);
}

TfLiteStatus PrepareExpandDims(TfLiteContext *context, TfLiteNode *node) {
  const TfLiteTensor *input = InputOf(context, node, 0, kExpandTypes);
  if (!input) return kTfLiteError;
  const TfLiteTensor *output = OutputOf(context, node, 0, TypeBit(input->type));
  if (!output) return kTfLiteError;
  node->user_data = reinterpret_cast<void *>(input->bytes);
  const int32_t *given = ConstantOf(context, node, 1, "axis", 1);
  if (!given) return kTfLiteError;
  const int rank = input->dims->size + 1;
  int axis;
  TF_LITE_ENSURE_STATUS(AxisOf(context, *given, rank, &axis));
  TF_LITE_ENSURE_STATUS(CheckRank(context, "output", 0, output, rank));
  for (int i = 0; i < rank; ++i) {
    const int32_t size = i == axis ? 1 : input->dims->data[i < axis ? i : i - 1];
    TF_LITE_ENSURE_STATUS(CheckDim(context, "output", 0, output, i, size));
  }
  return kTfLiteOk;
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const nn_move_params move = Move(int32_t(reinterpret_cast<size_t>(node->user_data)), nullptr, 0);
  return MoveTensor(context, node, move, 0);
}

}  // namespace

TFLMRegistration Register_SQUEEZE() {
  return {nullptr, nullptr, PrepareSqueeze, Eval, BuiltinOperator_SQUEEZE, nullptr};
}

TFLMRegistration Register_EXPAND_DIMS() {
  return {nullptr, nullptr, PrepareExpandDims, Eval, BuiltinOperator_EXPAND_DIMS, nullptr};
}

}  // namespace tflite
