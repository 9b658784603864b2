import Foundation
import Synchronization

/// The memory behind a tensor: a fixed number of floats, taken from a pool and given back to it.
///
/// Fresh memory is slow the first time it is touched (0.6 µs per KiB), and training asks for the same sizes at
/// every step. So memory that a tensor lets go is kept for the next one of its size.
///
/// `@unchecked Sendable`: the floats are written only by a `Tensor` that holds the only reference (copy on write),
/// or before the storage is first shared.
@usableFromInline
final class Storage: @unchecked Sendable {
  @usableFromInline let pointer: UnsafeMutablePointer<Float>
  @usableFromInline let count: Int
  private let capacity: Int

  /// What was computed from the numbers and holds until they change; see `kept`.
  private let companion = Mutex<Companion?>(nil)
  /// Beside it, so that a change of numbers that nothing was computed from costs no lock.
  private let hasCompanion = Atomic<Bool>(false)

  /// Room for `count` floats; their values are arbitrary.
  init(count: Int) {
    self.count = count
    capacity = StoragePool.capacity(for: count)
    pointer = StoragePool.shared.take(capacity)
  }

  deinit { StoragePool.shared.giveBack(pointer, capacity) }

  func copy() -> Storage {
    let new = Storage(count: count)
    new.pointer.update(from: pointer, count: count)
    return new
  }

  private struct Companion {
    let key: [Int]
    let value: any Sendable
  }

  /// What `make` computes from the numbers, computed once for as long as they stay the same: a layer's weights, say, in
  /// the form that its products want. One such thing is kept, the last one asked for.
  ///
  /// - Parameter key: What tells this thing from others that may be computed from the same numbers.
  func kept<Value: Sendable>(_ key: [Int], _ make: () -> Value) -> Value {
    if let found = companion.withLock({ $0?.key == key ? $0?.value as? Value : nil }) { return found }
    let value = make()
    companion.withLock {
      $0 = Companion(key: key, value: value)
      hasCompanion.store(true, ordering: .releasing)
    }
    return value
  }

  /// To be called before the numbers change, by their only holder.
  func forgetCompanion() {
    if !hasCompanion.load(ordering: .acquiring) { return }
    companion.withLock {
      $0 = nil
      hasCompanion.store(false, ordering: .relaxed)
    }
  }
}

/// Memory let go by tensors and not yet asked for again, by size.
final class StoragePool: Sendable {
  static let shared = StoragePool()

  /// Beyond this much idle memory, what comes back goes to the system.
  private static let mostIdleFloats = 64 << 20

  private struct Idle: @unchecked Sendable {  // the pointers in it belong to nobody else
    var pointers: [Int: [UnsafeMutablePointer<Float>]] = [:]
    var floats = 0
    /// What tensors hold now, and the most since somebody asked for it anew; in floats.
    var used = 0
    var mostUsed = 0
  }
  private let idle = Mutex(Idle())

  /// Sizes are rounded up to one of four steps between powers of two, so that similar sizes share memory.
  static func capacity(for count: Int) -> Int {
    if count <= 16 { return 16 }
    let power = 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    let step = max(power / 4, 16)
    return (count + step - 1) / step * step
  }

  func take(_ capacity: Int) -> UnsafeMutablePointer<Float> {
    let kept = idle.withLock { idle -> UnsafeMutablePointer<Float>? in
      idle.used += capacity
      idle.mostUsed = max(idle.mostUsed, idle.used)
      guard let pointer = idle.pointers[capacity]?.popLast() else { return nil }
      idle.floats -= capacity
      return pointer
    }
    if let kept { return kept }
    return Self.allocate(byteCount: capacity * 4).bindMemory(to: Float.self, capacity: capacity)
  }

  /// Fresh memory, in pages of 2 MiB where it fills one and the system has them: 512 times fewer places to look up than
  /// with pages of 4 KiB, and as many fewer first touches.
  private static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    let hugePage = 2 << 20
    if byteCount < hugePage { return UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64) }
    let raw = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: hugePage)
    #if os(Linux)
      madvise(raw, byteCount / hugePage * hugePage, 14)  // MADV_HUGEPAGE; no harm where it is refused
    #endif
    return raw
  }

  func giveBack(_ pointer: UnsafeMutablePointer<Float>, _ capacity: Int) {
    let kept = idle.withLock { idle -> Bool in
      idle.used -= capacity
      guard idle.floats + capacity <= Self.mostIdleFloats else { return false }
      idle.pointers[capacity, default: []].append(pointer)
      idle.floats += capacity
      return true
    }
    if !kept { UnsafeMutableRawPointer(pointer).deallocate() }
  }

  /// Floats that tensors hold now, and the most that they held at once.
  var usage: (now: Int, most: Int) { idle.withLock { ($0.used, $0.mostUsed) } }

  /// Lets the most begin anew from what is held now.
  func forgetMostUsed() { idle.withLock { $0.mostUsed = $0.used } }
}
