/* A line that says why something is refused. Names in it come from the model. */
#ifndef CFUFORGE_MESSAGE_H
#define CFUFORGE_MESSAGE_H

#include <stdarg.h>
#include <stddef.h>

namespace tflite {

/* Text behind text, as long as there is room. */
class Message {
 public:
  void Add(const char *format, ...) __attribute__((format(printf, 2, 3)));
  void VAdd(const char *format, va_list arguments);
  /* Gives the line to DebugLog, with a blank for each control character. */
  void Print();

 private:
  [[maybe_unused]] char text_[256]; /* the slim firmware keeps its pieces elsewhere */
  [[maybe_unused]] size_t length_ = 0;
};

/* A message of one piece. */
void PrintMessage(const char *format, ...) __attribute__((format(printf, 1, 2)));

}  // namespace tflite
#endif
