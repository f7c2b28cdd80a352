/* TRANSPOSE over nn_move. */
#include "moves.h"
#include "tensors.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

constexpr uint32_t kTypes =
    TypeBit(kTfLiteInt8) | TypeBit(kTfLiteInt16) | TypeBit(kTfLiteFloat32); /* as in TFLM */

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  const TfLiteTensor *input, *output;
  MoveData *data = NewMove(context, node, kTypes, NN_MOVE_AXES, &input, &output);
  if (!data) return kTfLiteError;
  const int rank = input->dims->size;
  TF_LITE_ENSURE_STATUS(CheckRank(context, "output", 0, output, rank));
  const int32_t *order = ConstantOf(context, node, 1, "permutation", rank);
  if (!order) return kTfLiteError;
  int32_t input_step[NN_MOVE_AXES], step = int32_t(ElementBytes(input->type));
  for (int i = rank - 1; i >= 0; step *= input->dims->data[i--]) input_step[i] = step;
  nn_move_axis axes[NN_MOVE_AXES];
  uint32_t seen = 0;
  step = int32_t(ElementBytes(input->type));
  for (int i = rank - 1; i >= 0; --i) {
    TF_LITE_ENSURE_MSG(context, order[i] >= 0 && order[i] < rank && !(seen >> order[i] & 1),
                       "input 1, the permutation, must have each of 0..%d once; element %d is %d",
                       rank - 1, i, int(order[i]));
    seen |= 1u << order[i];
    const int32_t size = input->dims->data[order[i]];
    TF_LITE_ENSURE_STATUS(CheckDim(context, "output", 0, output, i, size));
    axes[i] = {size, input_step[order[i]], step};
    step *= size;
  }
  *data = {Move(int32_t(ElementBytes(input->type)), axes, rank), 0};
  return PrepareMove(context, node);
}

}  // namespace

TFLMRegistration Register_TRANSPOSE() {
  return {nullptr, nullptr, Prepare, EvalMove, BuiltinOperator_TRANSPOSE, nullptr};
}

}  // namespace tflite
