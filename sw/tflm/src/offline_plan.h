/* The arena plan in a model's metadata, OfflineMemoryAllocation. */
#ifndef CFUFORGE_OFFLINE_PLAN_H
#define CFUFORGE_OFFLINE_PLAN_H

#include "greedy_memory_planner.h"
#include "tensorflow/lite/micro/micro_common.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace tflite {

/* Fixes those of `buffers`, one per tensor, to which the model's plan gives an offset, if there is a plan.
 * Reports a plan that is not for `count` tensors, or is larger than any arena. */
TfLiteStatus FollowOfflinePlan(const Model *model, PlannedBuffer *buffers, int count);

}  // namespace tflite
#endif
