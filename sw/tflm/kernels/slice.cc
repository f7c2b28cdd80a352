/* SLICE over nn_move. Begin and size may be known only in Eval; the output's shape is the model's. */
#include "moves.h"
#include "tensors.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

constexpr int kBegin = 1, kSize = 2;
constexpr uint32_t kTypes = kCommonTypes | TypeBit(kTfLiteBool);
constexpr uint32_t kIndexTypes = TypeBit(kTfLiteInt32) | TypeBit(kTfLiteInt64);

int64_t IndexAt(const TfLiteEvalTensor &tensor, int i) {
  return tensor.type == kTfLiteInt32 ? tensor.data.i32[i] : tensor.data.i64[i];
}

/* Computes what to move, for tensors of matching ranks. */
TfLiteStatus Find(TfLiteContext *context, TfLiteNode *node, MoveData *data) {
  const TfLiteEvalTensor &input = *EvalInput(context, node, 0);
  const TfLiteEvalTensor &begins = *EvalInput(context, node, kBegin);
  const TfLiteEvalTensor &sizes = *EvalInput(context, node, kSize);
  const TfLiteIntArray &output = *micro::GetEvalOutput(context, node, 0)->dims;
  const int32_t element = int32_t(ElementBytes(input.type));
  nn_move_axis axes[NN_MOVE_AXES];
  int32_t input_step = element, output_step = element;
  data->offset = 0;
  for (int i = output.size - 1; i >= 0; --i) {
    const int32_t size = input.dims->data[i];
    const int64_t begin = IndexAt(begins, i), given = IndexAt(sizes, i);
    TF_LITE_ENSURE_MSG(context, begin >= 0 && begin < size,
                       "the begin of dimension %d must be 0..%d, not %lld", i, int(size) - 1,
                       (long long)(begin));
    const int32_t left = size - int32_t(begin), count = output.data[i];
    TF_LITE_ENSURE_MSG(context, given == -1 || (given >= 1 && given <= left),
                       "the size of dimension %d must be -1 or 1..%d, not %lld", i, int(left),
                       (long long)(given));
    TF_LITE_ENSURE_MSG(context, count == (given == -1 ? left : given),
                       "dimension %d of output 0 must be %d, not %d", i,
                       int(given == -1 ? left : given), int(count));
    data->offset += int32_t(begin) * input_step;
    axes[i] = {count, input_step, output_step};
    input_step *= size;
    output_step *= count;
  }
  data->move = Move(element, axes, output.size);
  return kTfLiteOk;
}

/* Sets `known` to false unless the tensor is a constant. */
TfLiteStatus CheckIndices(TfLiteContext *context, TfLiteNode *node, int index, const char *what,
                          int rank, bool *known) {
  const TfLiteTensor *tensor = InputOf(context, node, index, kIndexTypes);
  if (!tensor) return kTfLiteError;
  const size_t elements = tensor->bytes / ElementBytes(tensor->type);
  TF_LITE_ENSURE_MSG(context, elements == size_t(rank),
                     "input %d, the %s, must have %d elements, not %u", index, what, rank,
                     unsigned(elements));
  *known = *known && tensor->allocation_type == kTfLiteMmapRo;
  return kTfLiteOk;
}

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  const TfLiteTensor *input, *output;
  MoveData *data = NewMove(context, node, kTypes, NN_MOVE_AXES, &input, &output);
  if (!data) return kTfLiteError;
  const int rank = input->dims->size;
  TF_LITE_ENSURE_STATUS(CheckRank(context, "output", 0, output, rank));
  bool known = true;
  TF_LITE_ENSURE_STATUS(CheckIndices(context, node, kBegin, "begin", rank, &known));
  TF_LITE_ENSURE_STATUS(CheckIndices(context, node, kSize, "size", rank, &known));
  if (known) {
    TF_LITE_ENSURE_STATUS(Find(context, node, data));
    return PrepareMove(context, node);
  }
  data->move.run = 0; /* not known yet */
  return kTfLiteOk;
}

TfLiteStatus Eval(TfLiteContext *context, TfLiteNode *node) {
  const MoveData *data = static_cast<const MoveData *>(node->user_data);
  if (data->move.run) return EvalMove(context, node);
  MoveData found;
  TF_LITE_ENSURE_STATUS(Find(context, node, &found));
  return MoveTensor(context, node, found.move, found.offset);
}

}  // namespace

TFLMRegistration Register_SLICE() {
  return {nullptr, nullptr, Prepare, Eval, BuiltinOperator_SLICE, nullptr};
}

}  // namespace tflite
