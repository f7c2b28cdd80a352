/* Classes with virtual functions, without a heap. */
#ifndef TENSORFLOW_LITE_MICRO_COMPATIBILITY_H_
#define TENSORFLOW_LITE_MICRO_COMPATIBILITY_H_

/* For a class with a virtual destructor: nothing deletes it, and no operator delete is linked. */
#define TF_LITE_REMOVE_VIRTUAL_DELETE \
  void operator delete(void *) {}

#endif
