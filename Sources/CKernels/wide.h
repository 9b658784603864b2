#pragma once

// Whether products and direct sums use the vectors of AVX-512. They choose at each call, so that one program can measure
// both; of the small loops (CK_CLONES) the loader has picked one variant for good.

#if defined(__x86_64__) && defined(__linux__)
extern int ck_narrow_only;
#define CK_HAS_WIDE (!ck_narrow_only && __builtin_cpu_supports("x86-64-v4"))
// Whether their multiplications read one factor from memory themselves; see `product_tile.h`.
extern int ck_folds;
#define CK_PREFERS_FOLDING (CK_HAS_WIDE && __builtin_cpu_is("intel"))
#define CK_FOLDS (CK_HAS_WIDE && ck_is_folding())
static inline int ck_is_folding(void) {
  int folds = __atomic_load_n(&ck_folds, __ATOMIC_RELAXED);
  return folds < 0 ? CK_PREFERS_FOLDING : folds;
}
#else
#define CK_HAS_WIDE 0
#define CK_FOLDS 0
#define CK_PREFERS_FOLDING 0
#endif
// For which rows of a tile they do.
#define CK_IS_FOLDED(row) ((row) % 4 != 0)
