#pragma once

// Whether products and direct sums use the vectors of AVX-512. They choose at each call, so that one program can measure
// both; of the small loops (CK_CLONES) the loader has picked one variant for good.

#if defined(__x86_64__) && defined(__linux__)
extern int ck_narrow_only;
#define CK_HAS_WIDE (!ck_narrow_only && __builtin_cpu_supports("x86-64-v4"))
#else
#define CK_HAS_WIDE 0
#endif
