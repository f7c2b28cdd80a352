/* TFLM's other path of c/common.h. */
#include "tensorflow/lite/c/common.h"
