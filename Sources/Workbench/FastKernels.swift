import Foundation
import Tensors

/// Begins the program anew with faster matrix products, where OpenBLAS has chosen slow ones for this processor.
///
/// OpenBLAS chooses before the program's first line, by `OPENBLAS_CORETYPE` where it is set. So the only way to
/// change its mind is to set it and begin again, which costs a few milliseconds. A choice of the user's stands.
func useFastKernels() {
  #if os(Linux)
    guard getenv("OPENBLAS_CORETYPE") == nil, let better = ProcessorKernels.better else { return }
    setenv("OPENBLAS_CORETYPE", better, 1)
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    execv("/proc/self/exe", &arguments)
  // Where that is not possible, the program goes on as it is.
  #endif
}
