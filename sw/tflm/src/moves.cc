#include "moves.h"

#include "tensors.h"

namespace tflite {
namespace {

const TfLiteTensor *Checked(TfLiteContext *context, const char *kind, int index, uint32_t types,
                            const TfLiteTensor *tensor) {
  if (!tensor) {
    TF_LITE_KERNEL_LOG(context, "%s %d is missing", kind, index);
  } else if (!(types & TypeBit(tensor->type))) {
    TF_LITE_KERNEL_LOG(context, "%s %d is %s, which is not supported here", kind, index,
                       TfLiteTypeGetName(tensor->type));
  } else if (tensor->bytes == 0) {
    TF_LITE_KERNEL_LOG(context, "%s %d is empty", kind, index);
  } else {
    return tensor;
  }
  return nullptr;
}

nn_move_params Rows(const Parts &parts, int index, bool join) {
  const int32_t run = parts.part[index].bytes;
  nn_move_params params = {run, {{1, 0, 0}, {1, 0, 0}, {1, 0, 0}, {1, 0, 0}, {parts.rows, 0, 0}}};
  params.axis[NN_MOVE_AXES - 1].input_step = join ? run : parts.whole;
  params.axis[NN_MOVE_AXES - 1].output_step = join ? parts.whole : run;
  return params;
}

/* Lets `kernel`, whose memory is that of all parts, have a part's. */
void Choose(nn_context *kernel, const Parts &parts, int index) {
  kernel->persistent = static_cast<int8_t *>(kernel->persistent) + parts.part[index].kept;
  kernel->persistent_size = parts.part[index].size;
}

TfLiteStatus MoveRows(TfLiteContext *context, const Parts &parts, int index, int32_t *offset,
                      const TfLiteEvalTensor *from, const TfLiteEvalTensor *to, bool join) {
  const int32_t apart = *offset;
  const nn_move_params params = Rows(parts, index, join);
  *offset += params.run;
  nn_context kernel = KernelContext(context);
  if (kernel.persistent) Choose(&kernel, parts, index);
  const nn_status status = nn_move(&kernel, &params, from->data.int8 + (join ? 0 : apart),
                                   to->data.int8 + (join ? apart : 0));
  return Finish(context, kernel, status);
}

}  // namespace

const TfLiteTensor *InputOf(TfLiteContext *context, TfLiteNode *node, int index, uint32_t types) {
  return Checked(context, "input", index, types,
                 GetMicroContext(context)->AllocateTempInputTensor(node, index));
}

const TfLiteTensor *OutputOf(TfLiteContext *context, TfLiteNode *node, int index, uint32_t types) {
  return Checked(context, "output", index, types,
                 GetMicroContext(context)->AllocateTempOutputTensor(node, index));
}

const int32_t *ConstantOf(TfLiteContext *context, TfLiteNode *node, int index, const char *what,
                          int count) {
  const TfLiteTensor *tensor = InputOf(context, node, index, TypeBit(kTfLiteInt32));
  if (!tensor) return nullptr;
  if (tensor->allocation_type != kTfLiteMmapRo) {
    TF_LITE_KERNEL_LOG(context, "input %d, the %s, must be a constant", index, what);
    return nullptr;
  }
  if (tensor->bytes != sizeof(int32_t) * size_t(count)) {
    TF_LITE_KERNEL_LOG(context, "input %d, the %s, must have %d elements, not %u", index, what,
                       count, unsigned(tensor->bytes / sizeof(int32_t)));
    return nullptr;
  }
  return tensor->data.i32;
}

TfLiteStatus AxisOf(TfLiteContext *context, int32_t given, int rank, int *axis) {
  TF_LITE_ENSURE_MSG(context, given >= -rank && given < rank, "the axis must be %d..%d, not %d",
                     -rank, rank - 1, int(given));
  *axis = int(given < 0 ? given + rank : given);
  return kTfLiteOk;
}

TfLiteStatus CheckDim(TfLiteContext *context, const char *kind, int index,
                      const TfLiteTensor *tensor, int dimension, int32_t expected) {
  TF_LITE_ENSURE_MSG(context, tensor->dims->data[dimension] == expected,
                     "dimension %d of %s %d must be %d, not %d", dimension, kind, index,
                     int(expected), int(tensor->dims->data[dimension]));
  return kTfLiteOk;
}

TfLiteStatus CheckRank(TfLiteContext *context, const char *kind, int index,
                       const TfLiteTensor *tensor, int expected) {
  TF_LITE_ENSURE_MSG(context, tensor->dims->size == expected,
                     "%s %d must have %d dimensions, not %d", kind, index, expected,
                     tensor->dims->size);
  return kTfLiteOk;
}

nn_move_params Move(int32_t element, const nn_move_axis *axes, int count) {
  nn_move_params params = {element, {{1, 0, 0}, {1, 0, 0}, {1, 0, 0}, {1, 0, 0}, {1, 0, 0}}};
  int free = NN_MOVE_AXES;
  for (int i = count - 1; i >= 0; --i) {
    const nn_move_axis &axis = axes[i];
    if (axis.count == 1) continue;
    if (free == NN_MOVE_AXES) {
      if (axis.input_step == params.run && axis.output_step == params.run) {
        params.run *= axis.count;
        continue;
      }
    } else {
      nn_move_axis &inner = params.axis[free];
      if (axis.input_step == inner.count * inner.input_step &&
          axis.output_step == inner.count * inner.output_step) {
        inner.count *= axis.count;
        continue;
      }
    }
    params.axis[--free] = axis;
  }
  return params;
}

MoveData *NewMove(TfLiteContext *context, TfLiteNode *node, uint32_t types, int most,
                  const TfLiteTensor **input, const TfLiteTensor **output) {
  MoveData *data = NewData<MoveData>(context, node);
  if (!data || !(*input = InputOf(context, node, 0, types))) return nullptr;
  const int rank = (*input)->dims->size;
  if (rank < 1 || rank > most) {
    TF_LITE_KERNEL_LOG(context, "input 0 must have 1 to %d dimensions, not %d", most, rank);
    return nullptr;
  }
  *output = OutputOf(context, node, 0, TypeBit((*input)->type));
  return *output ? data : nullptr;
}

TfLiteStatus PrepareMove(TfLiteContext *context, TfLiteNode *node) {
  const MoveData *data = static_cast<const MoveData *>(node->user_data);
  return PrepareKernel(context, [data](nn_context *kernel) {
    return nn_move_prepare(kernel, &data->move);
  });
}

TfLiteStatus EvalMove(TfLiteContext *context, TfLiteNode *node) {
  const MoveData *data = static_cast<const MoveData *>(node->user_data);
  return MoveTensor(context, node, data->move, data->offset);
}

TfLiteStatus MoveTensor(TfLiteContext *context, TfLiteNode *node, const nn_move_params &move,
                        int32_t offset) {
  const TfLiteEvalTensor *input = micro::GetEvalInput(context, node, 0);
  const TfLiteEvalTensor *output = micro::GetEvalOutput(context, node, 0);
  nn_context kernel = KernelContext(context);
  const nn_status status = nn_move(&kernel, &move, input->data.int8 + offset, output->data.int8);
  return Finish(context, kernel, status);
}

TfLiteStatus ResizeDims(TfLiteContext *context, TfLiteNode *node, uint32_t types, int32_t most,
                        nn_dims *input_dims, nn_dims *output_dims) {
  const TfLiteTensor *input = InputOf(context, node, 0, types);
  if (!input) return kTfLiteError;
  const TfLiteTensor *output = OutputOf(context, node, 0, TypeBit(input->type));
  if (!output) return kTfLiteError;
  TF_LITE_ENSURE_STATUS(CheckRank(context, "input", 0, input, 4));
  TF_LITE_ENSURE_STATUS(CheckRank(context, "output", 0, output, 4));
  const TfLiteTensor *size_tensor = InputOf(context, node, 1, TypeBit(kTfLiteInt32));
  if (!size_tensor) return kTfLiteError;
  TF_LITE_ENSURE_STATUS(CheckRank(context, "input", 1, size_tensor, 1));
  const int32_t *size = ConstantOf(context, node, 1, "size", 2);
  if (!size) return kTfLiteError;
  const int *from = input->dims->data;
  const int32_t expected[] = {from[0], size[0], size[1], from[3]};
  for (int i = 0; i < 4; ++i) {
    TF_LITE_ENSURE_STATUS(CheckDim(context, "output", 0, output, i, expected[i]));
    TF_LITE_ENSURE_MSG(context, from[i] <= most && expected[i] <= most,
                       "dimension %d of input 0 and output 0 must be at most %d, not %d and %d", i,
                       int(most), int(from[i]), int(expected[i]));
  }
  *input_dims = {from[0], from[1], from[2], from[3]};
  *output_dims = {expected[0], expected[1], expected[2], expected[3]};
  return kTfLiteOk;
}

Parts *NewParts(TfLiteContext *context, TfLiteNode *node, const TfLiteTensor *whole, int axis,
                int count) {
  const size_t bytes = sizeof(Parts) + sizeof(Parts::part[0]) * size_t(count);
  node->user_data = context->AllocatePersistentBuffer(context, bytes);
  Parts *parts = static_cast<Parts *>(node->user_data);
  if (!parts) return nullptr;
  parts->rows = 1;
  for (int i = 0; i < axis; ++i) parts->rows *= whole->dims->data[i];
  parts->whole = int32_t(whole->bytes) / parts->rows;
  parts->count = count;
  return parts;
}

TfLiteStatus PrepareMoves(TfLiteContext *context, TfLiteNode *node, bool join) {
  Parts *parts = static_cast<Parts *>(node->user_data);
  return PrepareKernel(context, [parts, join](nn_context *kernel) {
    int32_t bytes = 0;
    for (int i = 0; i < parts->count; ++i) {
      const nn_move_params params = Rows(*parts, i, join);
      nn_context part = *kernel;
      if (kernel->persistent) Choose(&part, *parts, i);
      const nn_status status = nn_move_prepare(&part, &params);
      if (status != NN_OK) return status;
      if (kernel->persistent) continue;
      if (part.persistent_size == 0) return NN_OK;
      parts->part[i].kept = bytes;
      parts->part[i].size = part.persistent_size;
      bytes += (part.persistent_size + 15) & ~15;
    }
    if (!kernel->persistent) kernel->persistent_size = bytes;
    return NN_OK;
  });
}

TfLiteStatus JoinParts(TfLiteContext *context, TfLiteNode *node) {
  const Parts &parts = *static_cast<const Parts *>(node->user_data);
  const TfLiteEvalTensor *output = micro::GetEvalOutput(context, node, 0);
  int32_t offset = 0;
  for (int i = 0; i < parts.count; ++i) {
    const TfLiteEvalTensor *input = micro::GetEvalInput(context, node, i);
    TF_LITE_ENSURE_STATUS(MoveRows(context, parts, i, &offset, input, output, true));
  }
  return kTfLiteOk;
}

TfLiteStatus SplitParts(TfLiteContext *context, TfLiteNode *node, int from) {
  const Parts &parts = *static_cast<const Parts *>(node->user_data);
  const TfLiteEvalTensor *input = micro::GetEvalInput(context, node, from);
  int32_t offset = 0;
  for (int i = 0; i < parts.count; ++i) {
    const TfLiteEvalTensor *output = micro::GetEvalOutput(context, node, i);
    TF_LITE_ENSURE_STATUS(MoveRows(context, parts, i, &offset, input, output, false));
  }
  return kTfLiteOk;
}

}  // namespace tflite
