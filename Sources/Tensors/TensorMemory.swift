/// How much memory tensors hold: all of this process, whatever thread made them.
///
/// Counted are the numbers of tensors that are alive, rounded up to the sizes in which memory is lent to them. Memory that
/// was given back and waits for the next tensor is not counted, nor is what is not a tensor: matrix products have some
/// memory of their own.
///
///     TensorMemory.resetPeak()
///     step()
///     print(TensorMemory.peakBytes)
///
/// - PyTorch: `torch.cuda.memory_allocated`, `torch.cuda.max_memory_allocated` and
///   `torch.cuda.reset_peak_memory_stats`; for a CPU it has no counterpart.
/// - Book: chapter 11.
public enum TensorMemory {
  /// What living tensors hold now, in bytes.
  public static var bytes: Int { StoragePool.shared.usage.now * 4 }

  /// The most that they held at one time since the program began, or since `resetPeak`, in bytes.
  public static var peakBytes: Int { StoragePool.shared.usage.most * 4 }

  /// Lets the peak begin anew from what is held now.
  public static func resetPeak() { StoragePool.shared.forgetMostUsed() }
}
