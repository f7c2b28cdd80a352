/* Converts the model's scores to a word. */
#ifndef RECOGNIZE_COMMANDS_H_
#define RECOGNIZE_COMMANDS_H_

#include "tensorflow/lite/c/common.h"

/* The category with the highest score; the first one on a tie. */
int TopCategory(const TfLiteTensor *scores);

#endif
