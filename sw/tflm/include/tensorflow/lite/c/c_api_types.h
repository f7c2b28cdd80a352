/* Part of c/common.h here. */
#include "tensorflow/lite/c/common.h"
