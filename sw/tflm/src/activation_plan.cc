#include "activation_plan.h"

#include "greedy_memory_planner.h"
#include "message.h"
#include "offline_plan.h"
#include "tensors.h"

namespace tflite {
namespace {

constexpr int kNever = -2;       /* before the model's inputs are written ... */
constexpr int kBeforeFirst = -1; /* ... which is before the first operator */
#ifdef __SANITIZE_ADDRESS__
constexpr size_t kBetween = 8192; /* unused bytes after each buffer, which no kernel may read */
#else
constexpr size_t kBetween = 0;
#endif

bool IsPlanned(const TfLiteEvalTensor &tensor) { return tensor.data.data == nullptr; }

}  // namespace

/* Has access to MicroContext's private members. */
class ActivationPlan {
 public:
  ActivationPlan(MicroContext &micro, int tensor_count, int node_count)
      : micro_(micro), tensor_count_(tensor_count), node_count_(node_count) {}

  TfLiteStatus Run(bool preserve_all) {
    micro_.scratch_buffers_ = static_cast<void **>(
        micro_.AllocatePersistentBuffer(sizeof(void *) * size_t(micro_.scratch_count_)));
    buffers_ = static_cast<PlannedBuffer *>(micro_.arena_.AllocateTemp(
        sizeof(PlannedBuffer) * size_t(tensor_count_ + micro_.scratch_count_)));
    if (!micro_.scratch_buffers_) return kTfLiteError;
    if (!buffers_) {
      micro_.ReportArena(false);
      return kTfLiteError;
    }
    TF_LITE_ENSURE_STATUS(FindLifetimes());
    if (preserve_all) {
      for (int i = 0; i < tensor_count_; ++i) {
        buffers_[i].first = kBeforeFirst;
        buffers_[i].last = node_count_;
      }
    } else {
      TF_LITE_ENSURE_STATUS(FollowOfflinePlan(micro_.model_, buffers_, tensor_count_));
    }
    const int count = AddScratch(DropUnplanned());
    for (int i = 0; i < count; ++i) buffers_[i].bytes += kBetween;
    const size_t needed = PlanGreedily(buffers_, count);
    if (!micro_.arena_.ReserveHead(needed)) {
      micro_.ReportArena(needed <= kHighestOffset);
      return kTfLiteError;
    }
    /* The list of buffers is in temporary memory, which the planned buffers will overlay: the addresses are
     * written before that memory is reused. */
    for (int i = 0; i < count; ++i)
      *buffers_[i].target = micro_.arena_.start() + buffers_[i].offset;
    micro_.arena_.ResetTemp();
    return kTfLiteOk;
  }

 private:
  TfLiteStatus FindLifetimes() {
    for (int i = 0; i < tensor_count_; ++i) {
      TfLiteEvalTensor &tensor = micro_.tensors_[i];
      buffers_[i] = {TensorBytes(tensor), kNever, kNever, 0, &tensor.data.data, nullptr, false};
    }
    const SubGraph *graph = micro_.subgraph_;
    for (uint32_t i = 0; graph->inputs() && i < graph->inputs()->size(); ++i) {
      const int index = graph->inputs()->Get(i);
      if (!IsPlanned(micro_.tensors_[index])) {
        PrintMessage("the model's input %u is tensor %d '%.64s', which is a constant", unsigned(i),
                    index, NameOf(index));
        return kTfLiteError;
      }
      buffers_[index].first = buffers_[index].last = kBeforeFirst;
    }
    for (int n = 0; n < node_count_; ++n) {
      const MicroNode &node = micro_.nodes_[n];
      for (int i = 0; i < node.inputs->size; ++i) {
        const int index = node.inputs->data[i];
        if (index < 0 || !IsPlanned(micro_.tensors_[index])) continue;
        if (buffers_[index].first == kNever) {
          if (!buffers_[index].bytes) continue; /* an empty constant: there is nothing to read */
          return Refuse(n, "input", i, index, "which nothing has written");
        }
        buffers_[index].last = n;
      }
      for (int i = 0; i < node.outputs->size; ++i) {
        const int index = node.outputs->data[i];
        if (!IsPlanned(micro_.tensors_[index])) {
          if (graph->tensors()->Get(uint32_t(index))->is_variable()) continue;
          return Refuse(n, "output", i, index, "which is a constant");
        }
        PlannedBuffer &output = buffers_[index];
        if (output.first != kNever) {
          return Refuse(n, "output", i, index, "which has been written before");
        }
        output.first = output.last = n;
      }
    }
    for (uint32_t i = 0; graph->outputs() && i < graph->outputs()->size(); ++i) {
      const int index = graph->outputs()->Get(i);
      if (IsPlanned(micro_.tensors_[index]) && buffers_[index].first == kNever) {
        PrintMessage("the model's output %u is tensor %d '%.64s', which nothing has written",
                    unsigned(i), index, NameOf(index));
        return kTfLiteError;
      }
      buffers_[index].last = node_count_;
    }
    return kTfLiteOk;
  }

  const char *NameOf(int tensor) const { return TensorName(micro_.subgraph_, tensor); }

  TfLiteStatus Refuse(int node, const char *kind, int i, int tensor, const char *why) const {
    PrintMessage("%.40s (operator %d): %s %d is tensor %d '%.64s', %s", micro_.nodes_[node].name,
                node, kind, i, tensor, NameOf(tensor), why);
    return kTfLiteError;
  }

  /* Keeps only buffers that need a place, and returns their number. */
  int DropUnplanned() {
    int count = 0;
    for (int i = 0; i < tensor_count_; ++i) {
      const bool used = buffers_[i].first != kNever;
      if (used && IsPlanned(micro_.tensors_[i])) buffers_[count++] = buffers_[i];
    }
    return count;
  }

  int AddScratch(int count) {
    int index = micro_.scratch_count_; /* the list is newest first */
    for (ScratchRequest *request = micro_.scratch_requests_; request; request = request->next) {
      void **target = &micro_.scratch_buffers_[--index];
      buffers_[count++] = {request->bytes, request->node, request->node, 0, target, nullptr, false};
    }
    return count;
  }

  MicroContext &micro_;
  int tensor_count_, node_count_;
  PlannedBuffer *buffers_ = nullptr;
};

TfLiteStatus PlanActivations(MicroContext &micro, int tensor_count, int node_count,
                             bool preserve_all) {
  return ActivationPlan(micro, tensor_count, node_count).Run(preserve_all);
}

}  // namespace tflite
