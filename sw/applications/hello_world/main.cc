#include "main_functions.h"

int main() {
  constexpr int kSteps = 20;
  setup();
  for (int step = 0; step < kSteps; ++step) loop();
  return 0;
}
