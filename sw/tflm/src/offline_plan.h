/* A plan of the arena that comes with the model: its metadata OfflineMemoryAllocation. */
#ifndef CFUFORGE_OFFLINE_PLAN_H
#define CFUFORGE_OFFLINE_PLAN_H

#include "tensorflow/lite/micro/micro_common.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace tflite {

/* Words: a version, a subgraph, the number of tensors, an offset for each; -1 leaves it to us. */
class OfflinePlan {
 public:
  explicit OfflinePlan(const Model *model);

  /* Reports a plan that is not for `tensor_count` tensors, or reaches farther than an arena. */
  TfLiteStatus Check(int tensor_count) const;

  /* Where a tensor begins; -1 where the plan does not say so. */
  int32_t OffsetOf(int tensor) const;

 private:
  int32_t Word(uint32_t index) const { return flat::Load<int32_t>(plan_->data() + 4 * index); }

  const flat::Vector<uint8_t> *plan_ = nullptr;
};

}  // namespace tflite
#endif
