#include "reduction.h"

#include "prepare_kernel.h"

namespace tflite {

TfLiteStatus ResolveAxis(TfLiteContext *context, int32_t axis, int32_t rank, int32_t *index) {
  *index = axis < 0 ? axis + rank : axis;
  TF_LITE_ENSURE_MSG(context, axis >= -rank && axis < rank,
                     "the axis must be one of the input's %d dimensions, not %d", int(rank),
                     int(axis));
  return kTfLiteOk;
}

TfLiteStatus ConstantAxes(TfLiteContext *context, TfLiteNode *node, const int32_t **axes,
                          int32_t *count) {
  const TfLiteTensor *tensor = GetMicroContext(context)->AllocateTempInputTensor(node, 1);
  TF_LITE_ENSURE_MSG(context, tensor, "the axis is missing");
  TF_LITE_ENSURE_MSG(context,
                     tensor->type == kTfLiteInt32 && tensor->allocation_type == kTfLiteMmapRo,
                     "the axis must be a constant of INT32");
  *axes = tensor->data.i32;
  *count = int32_t(tensor->bytes / sizeof(int32_t));
  return kTfLiteOk;
}

TfLiteStatus FindReduction(TfLiteContext *context, TfLiteNode *node,
                           const OperatorTensors &tensors, nn_reduction *reduction) {
  const TfLiteIntArray &dims = *tensors.input->dims;
  const int32_t *axes;
  int32_t count;
  uint32_t reduced = 0; /* bit i: dimension i */
  TF_LITE_ENSURE_STATUS(ConstantAxes(context, node, &axes, &count));
  for (int32_t i = 0; i < count; ++i) {
    int32_t index;
    TF_LITE_ENSURE_STATUS(ResolveAxis(context, axes[i], dims.size, &index));
    reduced |= 1u << index;
  }
  /* From the innermost dimension on; those of size 1 are skipped, and neighbours are merged if both are
   * kept or both reduced, so that at most half of the dimensions are axes of either kind. */
  for (int i = 0; i < NN_REDUCTION_AXES; ++i)
    reduction->kept[i] = reduction->reduced[i] = {1, 0};
  int next[2] = {NN_REDUCTION_AXES, NN_REDUCTION_AXES}, last = -1;
  int32_t stride = 1, outputs = 1;
  for (int d = dims.size - 1; d >= 0; --d) {
    const int32_t size = dims.data[d];
    const int kind = reduced >> d & 1;
    if (size == 1) continue;
    nn_reduction_axis *const list = kind ? reduction->reduced : reduction->kept;
    if (kind == last) {
      list[next[kind]].size *= size;
    } else {
      list[--next[kind]] = {size, stride};
    }
    last = kind;
    stride *= size;
    if (!kind) outputs *= size;
  }
  TF_LITE_ENSURE_MSG(context, size_t(outputs) == tensors.output->bytes,
                     "the output must have %d elements, not %u", int(outputs),
                     unsigned(tensors.output->bytes));
  return kTfLiteOk;
}

TfLiteStatus PrepareReduceSum(TfLiteContext *context, TfLiteNode *node, bool mean) {
  ReduceSumData *data = NewData<ReduceSumData>(context, node);
  if (!data) return kTfLiteError;
  OperatorTensors tensors;
  TF_LITE_ENSURE_STATUS(UnaryTensors(context, node, &tensors));
  TF_LITE_ENSURE_STATUS(FindReduction(context, node, tensors, &data->reduction));
  const TfLiteQuantizationParams &input = tensors.input->params, &output = tensors.output->params;
  TF_LITE_ENSURE_MSG(context, IsScale(input.scale) && IsScale(output.scale),
                     "input and output must have a positive scale");
  const uint32_t count = uint32_t(tensors.input->bytes / tensors.output->bytes);
  nn_quant quant = QuantizeMultiplier(double(input.scale) / double(output.scale));
  if (mean) {
    int32_t shift = 31 - __builtin_clz(count);
    if (shift > 31 + quant.shift) shift = 31 + quant.shift;
    quant.multiplier = int32_t((int64_t(quant.multiplier) << shift) / count);
    quant.shift -= shift;
  }
  data->params = {int32_t(0u - uint32_t(input.zero_point) * count), output.zero_point, quant};
  return PrepareKernel(context, [&](nn_context *kernel) {
    return nn_reduce_sum_s8_prepare(kernel, &data->params, &data->reduction);
  });
}

TfLiteStatus EvalReduceSum(TfLiteContext *context, TfLiteNode *node) {
  const ReduceSumData *data = static_cast<const ReduceSumData *>(node->user_data);
  const EvalTensors tensors(context, node);
  nn_context kernel = KernelContext(context);
  const nn_status status =
      nn_reduce_sum_s8(&kernel, &data->params, &data->reduction, tensors.input->data.int8,
                       tensors.output->data.int8);
  return Finish(context, kernel, status);
}

}  // namespace tflite
