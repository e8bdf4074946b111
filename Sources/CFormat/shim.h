// A number as text by C's printf, with the two arguments that all formats here have: Swift would
// make a list of them and ask each for its kinds, which takes longer than the digits.
#pragma once
#include <stdio.h>

static inline int mfs_print(char *text, size_t room, const char *format, int digits, double number) {
  return snprintf(text, room, format, digits, number);
}
