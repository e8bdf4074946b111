// What the processor can do, asked of the processor itself: a microsecond, and no file is read.
// And what it does only when told to in its own words.
#pragma once
#include <stdbool.h>
#include <string.h>

// Products and choices of whole vectors, which Swift's own do number by number.
#define MFS_WHOLE(number, bits, name, count) \
  typedef number mfs_##name __attribute__((ext_vector_type(count))); \
  typedef bits mfs_mask_##name __attribute__((ext_vector_type(count))); \
  static inline __attribute__((always_inline)) mfs_##name mfs_fused_##name( \
      mfs_##name a, mfs_##name b, mfs_##name sum) { \
    return __builtin_elementwise_fma(a, b, sum); \
  } \
  static inline __attribute__((always_inline)) mfs_##name mfs_chosen_##name( \
      mfs_mask_##name mask, mfs_##name yes, mfs_##name no) { \
    return mask ? yes : no; \
  }
MFS_WHOLE(float, int, f16, 16)
MFS_WHOLE(double, long long, d8, 8)
MFS_WHOLE(double, long long, d16, 16)

// Where the stack of the running thread has got to.
static inline const void *mfs_stack_address(void) { return __builtin_frame_address(0); }

// Brings the 64 bytes around an address, which may be none of ours, closer while others are worked on.
static inline void mfs_fetch(const void *address) { __builtin_prefetch(address, 0, 3); }

#if defined(__x86_64__)
#include <cpuid.h>
#include <emmintrin.h>

// Copies 64 bytes to memory past the caches; both begin at a multiple of 64.
static inline void mfs_write_line(void *to, const void *from) {
  for (int i = 0; i < 4; i++) {
    _mm_stream_si128((__m128i *)to + i, _mm_load_si128((const __m128i *)from + i));
  }
}

// Makes what was written so visible before anything that is written later.
static inline void mfs_finish_lines(void) { _mm_sfence(); }

// Whether AVX2 and FMA are there and the system keeps their registers.
static inline bool mfs_processor_has_avx2_and_fma(void) {
  unsigned a, b, c, d, low, high;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return false;
  const unsigned fma = 1u << 12, saves = 1u << 27;
  if ((c & (fma | saves)) != (fma | saves)) return false;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & 6) != 6) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 5)) != 0;
}

// Whether AVX-512 F, BW, CD, DQ and VL are there and the system keeps their registers.
static inline bool mfs_processor_has_avx512(void) {
  unsigned a, b, c, d, low, high;
  if (!mfs_processor_has_avx2_and_fma()) return false;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & 0xe6) != 0xe6) return false;
  const unsigned needed = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & needed) == needed;
}
#else
static inline void mfs_write_line(void *to, const void *from) { memcpy(to, from, 64); }
static inline void mfs_finish_lines(void) {}
static inline bool mfs_processor_has_avx2_and_fma(void) { return false; }
static inline bool mfs_processor_has_avx512(void) { return false; }
#endif
