/* Changes of a model that keep the file well formed. */
#ifndef CFUFORGE_FUZZ_CHANGE_H
#define CFUFORGE_FUZZ_CHANGE_H

#include "model_object.h"
#include "random.h"

namespace fuzz {

/* Changes one thing: a shape, a type, a buffer, a quantisation, an option, an index, an operator. */
void Change(Random &random, ModelObject *model);

/* Appends the operators of `other`, fed where it can be by what `model` computes. */
void Join(Random &random, ModelObject *model, const ModelObject &other);

}  // namespace fuzz
#endif
