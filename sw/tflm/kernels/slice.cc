/* SLICE over nn_move. */
#include "moves.h"
#include "tensors.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

constexpr uint32_t kTypes = kCommonTypes | TypeBit(kTfLiteBool);

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  const TfLiteTensor *input, *output;
  MoveData *data = NewMove(context, node, kTypes, NN_MOVE_AXES, &input, &output);
  if (!data) return kTfLiteError;
  const int rank = input->dims->size;
  TF_LITE_ENSURE_STATUS(CheckRank(context, "output", 0, output, rank));
  const int32_t *begins = ConstantOf(context, node, 1, "begin", rank);
  if (!begins) return kTfLiteError;
  const int32_t *sizes = ConstantOf(context, node, 2, "size", rank);
  if (!sizes) return kTfLiteError;
  const int32_t element = int32_t(ElementBytes(input->type));
  nn_move_axis axes[NN_MOVE_AXES];
  int32_t input_step = element, output_step = element;
  data->offset = 0;
  for (int i = rank - 1; i >= 0; --i) {
    const int32_t size = input->dims->data[i], begin = begins[i];
    TF_LITE_ENSURE_MSG(context, begin >= 0 && begin < size,
                       "the begin of dimension %d must be 0..%d, not %d", i, int(size) - 1,
                       int(begin));
    const int32_t count = sizes[i] == -1 ? size - begin : sizes[i];
    TF_LITE_ENSURE_MSG(context, count >= 1 && count <= size - begin,
                       "the size of dimension %d must be -1 or 1..%d, not %d", i,
                       int(size - begin), int(count));
    TF_LITE_ENSURE_STATUS(CheckDim(context, "output", 0, output, i, count));
    data->offset += begin * input_step;
    axes[i] = {count, input_step, output_step};
    input_step *= size;
    output_step *= count;
  }
  data->move = Move(element, axes, rank);
  return kTfLiteOk;
}

}  // namespace

TFLMRegistration Register_SLICE() {
  return {nullptr, nullptr, Prepare, EvalMove, BuiltinOperator_SLICE, nullptr};
}

}  // namespace tflite
