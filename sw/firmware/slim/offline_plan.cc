/* For the firmware of a model without an arena plan: does not look for one. */
#include "offline_plan.h"

namespace tflite {

TfLiteStatus FollowOfflinePlan(const Model *, PlannedBuffer *, int) { return kTfLiteOk; }

}  // namespace tflite
