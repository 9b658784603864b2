internal import COpenBLAS
internal import CKernels

/// Which kernels do the products.
public enum ProcessorKernels {
  /// OpenBLAS's own name for the processor it takes this one for.
  public static var name: String { String(cString: openblas_get_corename()) }

  /// The vectors of the engine's own products.
  public static var products: String {
    ck_uses_wide() != 0 ? "AVX-512" : ck_has_avx2() != 0 ? "AVX2" : "plain vectors"
  }

  /// Lets the engine's own products use AVX2 where the processor has AVX-512, to compare the two; its other loops stay as
  /// they are. To be called before anything is computed.
  public static func useNarrowProducts() { ck_use_narrow() }

  /// Lets products with AVX-512 be made in one way or the other, whatever the processor: whether a multiplication reads one
  /// of its factors from memory itself. The results are the same, bit for bit. Nil to choose.
  package static func foldProducts(_ folds: Bool?) { ck_use_folding(folds.map { $0 ? 1 : 0 } ?? -1) }

  /// The widest vectors that the engine's own loops use here.
  public static var instructions: String {
    #if arch(x86_64)
      ck_has_avx512() != 0 ? "AVX-512" : ck_has_avx2() != 0 ? "AVX2" : "x86-64"
    #else
      "as compiled"
    #endif
  }

  /// What the engine's own products of whole numbers are made of here: `vpdpbusd` of AVX-512 or AVX, AVX2's `vpmaddubsw`,
  /// or plain loops.
  public static var integerProducts: String {
    switch IntegerLoops.best {
    case .plain: "plain loops"
    case .avx2: "AVX2"
    case .avxVNNI: "AVX-VNNI"
    case .avx512VNNI: "AVX-512 VNNI"
    }
  }

  /// The kernels that would be faster here than those that OpenBLAS has chosen; nil when its choice is good.
  ///
  /// OpenBLAS knows processors by their numbers. One that came out after it, it takes for an old one without AVX-512:
  /// 0.3.21 takes Zen 5 for Haswell, and gives away half of its speed.
  public static var better: String? {
    let old = ["Haswell", "Zen", "Excavator", "Sandybridge", "Nehalem", "Prescott", "Core2"]
    return ck_has_avx512() != 0 && old.contains(name) ? "SKYLAKEX" : nil
  }
}
