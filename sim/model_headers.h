// What all models and harnesses include, compiled once for all of them (verilate.py). None of it may
// come from the system, which changes without our knowing.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "verilated.h"
