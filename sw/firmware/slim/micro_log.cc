/* The slim firmware prints nothing; its messages go to the host (message.cc). */
#include "tensorflow/lite/micro/micro_log.h"

void MicroPrintf(const char *, ...) {}
