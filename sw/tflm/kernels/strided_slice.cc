/* STRIDED_SLICE over nn_move. As in TFLM, the masks for an ellipsis and for new axes are ignored: begin,
 * end and strides apply to every dimension of the input. */
#include "moves.h"
#include "tensors.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"

namespace tflite {
namespace {

constexpr uint32_t kTypes = kCommonTypes | TypeBit(kTfLiteBool);
constexpr int kMostDimensions = 4; /* as in TFLM */

/* The elements taken along one dimension. */
struct Range {
  int32_t begin, count, stride;
};

/* Converts an index, which counts from the end if negative, and clamps it to the dimension, or to just
 * outside it, where a walk in the stride's direction begins or ends. */
int32_t Clamp(int32_t index, int32_t size, int32_t stride) {
  if (index < 0) index += size;
  const int32_t low = stride > 0 ? 0 : -1, high = stride > 0 ? size : size - 1;
  return index < low ? low : index > high ? high : index;
}

TfLiteStatus RangeOf(TfLiteContext *context, int dimension, int32_t size, int32_t begin,
                     int32_t end, int32_t stride, const StridedSliceOptions &options,
                     Range *range) {
  const auto set = [dimension](int32_t mask) { return (mask >> dimension & 1) != 0; };
  TF_LITE_ENSURE_MSG(context, stride != 0, "the stride of dimension %d must not be 0", dimension);
  const int32_t first =
      set(options.begin_mask()) ? (stride > 0 ? 0 : size - 1) : Clamp(begin, size, stride);
  if (set(options.shrink_axis_mask())) {
    TF_LITE_ENSURE_MSG(context, first >= 0 && first < size && stride > 0,
                       "dimension %d must have one index of its %d and a positive stride, "
                       "not %d and %d",
                       dimension, int(size), int(begin), int(stride));
    *range = {first, 1, 1};
    return kTfLiteOk;
  }
  const int32_t last =
      set(options.end_mask()) ? (stride > 0 ? size : -1) : Clamp(end, size, stride);
  const int32_t way = stride > 0 ? last - first : first - last;
  const int64_t step = stride > 0 ? int64_t(stride) : -int64_t(stride);
  TF_LITE_ENSURE_MSG(context, way > 0, "nothing is left of dimension %d", dimension);
  const int32_t count = step < way ? (way + int32_t(step) - 1) / int32_t(step) : 1;
  *range = {first, count, count > 1 ? stride : 1};
  return kTfLiteOk;
}

TfLiteStatus Prepare(TfLiteContext *context, TfLiteNode *node) {
  const auto *options = Options<StridedSliceOptions>(context, node);
  if (!options) return kTfLiteError;
  TF_LITE_ENSURE_MSG(context, !options->offset(), "ends relative to begins are not supported");
  const TfLiteTensor *input, *output;
  MoveData *data = NewMove(context, node, kTypes, kMostDimensions, &input, &output);
  if (!data) return kTfLiteError;
  const int rank = input->dims->size;
  const int32_t *begin = ConstantOf(context, node, 1, "begin", rank);
  if (!begin) return kTfLiteError;
  const int32_t *end = ConstantOf(context, node, 2, "end", rank);
  if (!end) return kTfLiteError;
  const int32_t *strides = ConstantOf(context, node, 3, "strides", rank);
  if (!strides) return kTfLiteError;
  int kept = 0;
  for (int i = 0; i < rank; ++i) kept += !(options->shrink_axis_mask() >> i & 1);
  TF_LITE_ENSURE_STATUS(CheckRank(context, "output", 0, output, kept));

  const int32_t element = int32_t(ElementBytes(input->type));
  nn_move_axis axes[kMostDimensions];
  int32_t input_step = element, output_step = element;
  data->offset = 0;
  for (int i = rank - 1; i >= 0; --i) {
    const int32_t size = input->dims->data[i];
    Range range;
    TF_LITE_ENSURE_STATUS(
        RangeOf(context, i, size, begin[i], end[i], strides[i], *options, &range));
    if (!(options->shrink_axis_mask() >> i & 1)) {
      TF_LITE_ENSURE_STATUS(CheckDim(context, "output", 0, output, --kept, range.count));
    }
    data->offset += range.begin * input_step;
    axes[i] = {range.count, range.stride * input_step, output_step};
    input_step *= size;
    output_step *= range.count;
  }
  data->move = Move(element, axes, rank);
  return PrepareMove(context, node);
}

}  // namespace

TFLMRegistration Register_STRIDED_SLICE() {
  return {nullptr, nullptr, Prepare, EvalMove, BuiltinOperator_STRIDED_SLICE, nullptr};
}

}  // namespace tflite
