/* From bytes on the line to commands, and from a command to its words.
 *
 * A command ends with %. Behind an escape byte (0x1b) stands a byte with its bit 5 inverted: so a block
 * of any bytes fits into a command, and whatever was lost or added, the next % ends it. */
#ifndef CFUFORGE_DEVICE_LINE_H
#define CFUFORGE_DEVICE_LINE_H

#include <stddef.h>
#include <stdint.h>

namespace device {

constexpr size_t kMostCommand = 80;  /* characters of a command without a block */
constexpr size_t kMostBlock = 1024;  /* bytes of a block */
constexpr size_t kMostHead = 40;     /* characters before them */

class Line {
 public:
  /* True when `byte` ends a command, which is there until the next call of Take. */
  bool Take(uint8_t byte);

  /* Starts again with an empty command. */
  void Clear();

  /* The next word, ended by a zero; empty where there is none. What stands between words: blanks,
   * tabs and line ends. */
  char *Word();

  /* What follows the last word and the one blank behind it. */
  uint8_t *Rest(size_t *size);

  /* Whether there is nothing but what stands between words. */
  bool is_blank() const;

  size_t size() const { return size_; }
  bool is_too_long() const { return is_too_long_; }

 private:
  char text_[kMostHead + kMostBlock + 1] = {};
  size_t size_ = 0, place_ = 0;
  bool is_escaped_ = false, is_too_long_ = false, is_complete_ = false;
};

/* Whether `word` is a number of at most 9 digits, or of 8 hexadecimal ones, which `number` gets. */
bool ToNumber(const char *word, uint32_t *number);
bool ToHexNumber(const char *word, uint32_t *number);

/* The value of a hexadecimal digit, or -1. */
int HexDigit(char character);

}  // namespace device
#endif
