#include "elementwise.h"

namespace tflite {
namespace {

/* The size along axis `axis` of `rank`, with shapes aligned at their ends. */
int32_t SizeAt(const TfLiteTensor *tensor, int axis, int rank) {
  const int own = axis - (rank - tensor->dims->size);
  return own < 0 ? 1 : tensor->dims->data[own];
}

/* Collects axes from the innermost to the outermost, merging those that broadcast alike. */
class Axes {
 public:
  explicit Axes(nn_broadcast_axis *axes) : axes_(axes) {}

  void Add(int32_t size1, int32_t size2) {
    const int32_t size = size1 > size2 ? size1 : size2;
    const nn_broadcast_axis axis = {size, size1 > 1 ? count1_ : 0, size2 > 1 ? count2_ : 0};
    count1_ *= size1;
    count2_ *= size2;
    if (size == 1) return;
    if (rank_ > 0) {
      nn_broadcast_axis &inner = axes_[rank_ - 1];
      if (axis.step1 == inner.size * inner.step1 && axis.step2 == inner.size * inner.step2) {
        inner.size *= size;
        return;
      }
    }
    axes_[rank_++] = axis;
  }

  int rank() const { return rank_; }

 private:
  nn_broadcast_axis *axes_;
  int rank_ = 0;
  int32_t count1_ = 1, count2_ = 1; /* values of each input in the inner axes */
};

bool HasOneValue(const BinaryData &data) {
  const nn_broadcast_axis &axis = data.shape.axes[0];
  return data.shape.rank == 1 && axis.step1 != axis.step2;
}

/* A kernel whose one input is a single value, for EvalUnary over the other input. */
struct OneValue {
  const BinaryData *data;
  BinaryKernel *compute;
  const int8_t *value;
};

nn_status ComputeOne(nn_context *kernel, const void *params, int32_t size, const int8_t *input,
                     int8_t *output) {
  const OneValue *one = static_cast<const OneValue *>(params);
  nn_broadcast_axis axis = one->data->shape.axes[0];
  axis.size = size;
  const nn_broadcast shape = {1, &axis};
  return one->compute(kernel, *one->data, &shape, axis.step1 ? input : one->value,
                      axis.step2 ? input : one->value, output);
}

TfLiteStatus CheckScale(TfLiteContext *context, const char *what, const TfLiteTensor *tensor,
                        bool (*is_scale)(float)) {
  TF_LITE_ENSURE_MSG(context, is_scale(tensor->params.scale), "the %s must have a %s scale", what,
                     is_scale == IsScale ? "positive" : "finite, not negative");
  return kTfLiteOk;
}

}  // namespace

TfLiteStatus BinaryTensors(TfLiteContext *context, TfLiteNode *node, TfLiteType type,
                           OperatorTensors *tensors, bool (*is_scale)(float)) {
  TF_LITE_ENSURE_STATUS(UnaryTensors(context, node, tensors, type));
  tensors->filter = GetMicroContext(context)->AllocateTempInputTensor(node, 1);
  TF_LITE_ENSURE_STATUS(CheckTyped(context, "second input", tensors->filter, type));
  if (type != kTfLiteInt8) return kTfLiteOk;
  TF_LITE_ENSURE_STATUS(CheckScale(context, "input", tensors->input, is_scale));
  TF_LITE_ENSURE_STATUS(CheckScale(context, "second input", tensors->filter, is_scale));
  return CheckScale(context, "output", tensors->output, IsScale);
}

TfLiteStatus Broadcast(TfLiteContext *context, const OperatorTensors &tensors, size_t width,
                       nn_broadcast *shape) {
  const TfLiteTensor *input1 = tensors.input, *input2 = tensors.filter;
  const int rank1 = input1->dims->size, rank2 = input2->dims->size;
  const int rank = rank1 > rank2 ? rank1 : rank2;
  TF_LITE_ENSURE_MSG(context, rank <= NN_MAX_RANK, "inputs of %d dimensions: at most %d", rank,
                     NN_MAX_RANK);
  nn_broadcast_axis found[NN_MAX_RANK];
  Axes axes(found);
  const size_t outputs = tensors.output->bytes / width;
  uint64_t elements = 1;
  for (int axis = rank - 1; axis >= 0; --axis) {
    const int32_t size1 = SizeAt(input1, axis, rank), size2 = SizeAt(input2, axis, rank);
    TF_LITE_ENSURE_MSG(context, size1 == size2 || size1 == 1 || size2 == 1,
                       "the inputs' sizes %d and %d in dimension %d do not fit", int(size1),
                       int(size2), axis);
    elements *= uint32_t(size1 > size2 ? size1 : size2);
    TF_LITE_ENSURE_MSG(context, elements <= outputs,
                       "the output has %u elements, too few for the inputs", unsigned(outputs));
    axes.Add(size1, size2);
  }
  TF_LITE_ENSURE_MSG(context, elements == outputs,
                     "the output must have %u elements as the inputs, not %u", unsigned(elements),
                     unsigned(outputs));
  const int count = axes.rank();
  shape->rank = count ? count : 1;
  nn_broadcast_axis *kept = static_cast<nn_broadcast_axis *>(
      context->AllocatePersistentBuffer(context, sizeof(nn_broadcast_axis) * size_t(shape->rank)));
  if (!kept) return kTfLiteError;
  shape->axes = kept;
  if (count == 0) *kept = {1, 1, 1};
  for (int i = 0; i < count; ++i) kept[i] = found[count - 1 - i];
  return kTfLiteOk;
}

bool IsLookedUp(const BinaryData &data) {
  return HasOneValue(data) && IsLookedUp(data.shape.axes[0].size);
}

TfLiteStatus PrepareLookup(TfLiteContext *context, const TfLiteNode *node, BinaryKernel *compute) {
  const BinaryData *data = static_cast<const BinaryData *>(node->user_data);
  const nn_broadcast_axis &axis = data->shape.axes[0];
  const int single = axis.step1 ? 1 : 0;
  const OneValue one = {data, compute, ConstantInput<int8_t>(context, node, single)};
  return one.value ? PrepareLookup(context, ComputeOne, &one, axis.size, 1 - single) : kTfLiteOk;
}

TfLiteStatus EvalBinary(TfLiteContext *context, TfLiteNode *node, BinaryKernel *compute) {
  const BinaryData *data = static_cast<const BinaryData *>(node->user_data);
  const EvalTensors tensors(context, node);
  const nn_broadcast_axis &axis = data->shape.axes[0];
  const int8_t *input1 = tensors.input->data.int8, *input2 = tensors.filter->data.int8;
  int8_t *output = tensors.output->data.int8;
  if (HasOneValue(*data)) {
    const OneValue one = {data, compute, axis.step1 ? input2 : input1};
    return EvalUnary(context, ComputeOne, &one, axis.size, axis.step1 ? input1 : input2, output);
  }
  nn_context kernel = KernelContext(context);
  const nn_status status = compute(&kernel, *data, &data->shape, input1, input2, output);
  return Finish(context, kernel, status);
}

TfLiteStatus PrepareInt32(TfLiteContext *context, TfLiteNode *node,
                          ActivationFunctionType activation) {
  BinaryData *data = NewData<BinaryData>(context, node);
  if (!data) return kTfLiteError;
  OperatorTensors tensors;
  TF_LITE_ENSURE_STATUS(BinaryTensors(context, node, kTfLiteInt32, &tensors));
  TF_LITE_ENSURE_MSG(context, activation == ActivationFunctionType_NONE,
                     "a fused activation function of INT32 is not supported");
  return Broadcast(context, tensors, sizeof(int32_t), &data->shape);
}

TfLiteStatus EvalInt32(TfLiteContext *context, TfLiteNode *node, nn_operation operation) {
  const BinaryData *data = static_cast<const BinaryData *>(node->user_data);
  const EvalTensors tensors(context, node);
  nn_context kernel = {};
  const nn_status status =
      nn_elementwise_s32(&kernel, operation, &data->shape, tensors.input->data.i32,
                         tensors.filter->data.i32, tensors.output->data.i32);
  return Finish(context, kernel, status);
}

TfLiteStatus PrepareAdd(TfLiteContext *context, TfLiteNode *node,
                        ActivationFunctionType activation) {
  constexpr double kFiner = 1 << 20;
  OperatorTensors tensors;
  AddData *data = PrepareBinary<AddData>(context, node, &tensors);
  if (!data) return kTfLiteError;
  const double scale1 = double(tensors.input->params.scale);
  const double scale2 = double(tensors.filter->params.scale);
  const double twice = 2 * (scale1 > scale2 ? scale1 : scale2);
  const double factor = twice / (kFiner * double(tensors.output->params.scale));
  TF_LITE_ENSURE_MSG(context, factor < 1.0,
                     "the output's scale must be above 2^-19 of the inputs' larger one");
  data->params.input1_offset = -tensors.input->params.zero_point;
  data->params.input2_offset = -tensors.filter->params.zero_point;
  data->params.output_offset = tensors.output->params.zero_point;
  data->params.input1 = QuantizeMultiplier(scale1 / twice);
  data->params.input2 = QuantizeMultiplier(scale2 / twice);
  data->params.output = QuantizeMultiplier(factor);
  return ActivationRange(context, activation, tensors.output, &data->params.activation);
}

TfLiteStatus PrepareExtreme(TfLiteContext *context, TfLiteNode *node) {
  OperatorTensors tensors;
  return PrepareBinary<BinaryData>(context, node, &tensors) ? kTfLiteOk : kTfLiteError;
}

}  // namespace tflite
