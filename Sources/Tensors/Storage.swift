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
///
/// It keeps as much as tensors held at most, for as much is asked for again in the next step of training. When more comes
/// back, the sizes that nobody has asked for longest go to the system. (With a limit of 256 MiB, a network of 307 MiB spent
/// 1.5 % of its training on touching fresh memory.)
final class StoragePool: Sendable {
  static let shared = StoragePool()

  private struct Shelf: @unchecked Sendable {  // the pointers belong to nobody else
    var pointers: [UnsafeMutablePointer<Float>] = []
    /// When one came or was asked for.
    var lastUse = 0

    mutating func take(_ use: Int) -> UnsafeMutablePointer<Float>? {
      lastUse = use
      return pointers.popLast()
    }

    mutating func add(_ pointer: UnsafeMutablePointer<Float>, _ use: Int) {
      lastUse = use
      pointers.append(pointer)
    }
  }

  private struct Idle: Sendable {
    var shelves: [Int: Shelf] = [:]
    var floats = 0
    var uses = 0
    /// What tensors hold now, the most since the program began, and the most since somebody asked for it anew; in floats.
    var used = 0
    var mostEverUsed = 0
    var mostUsed = 0

    /// The memory that is too much: of the sizes whose last use is longest ago.
    mutating func removeSurplus(beyond limit: Int) -> [UnsafeMutableRawPointer] {
      var surplus: [UnsafeMutableRawPointer] = []
      while floats > limit {
        let full = shelves.lazy.filter { !$0.value.pointers.isEmpty }
        let oldest = full.min { $0.value.lastUse < $1.value.lastUse }
        guard let capacity = oldest?.key, let pointer = shelves[capacity]?.pointers.popLast() else { break }
        surplus.append(UnsafeMutableRawPointer(pointer))
        floats -= capacity
      }
      return surplus
    }
  }
  private let idle = Mutex(Idle())
  /// So much idle memory is kept in any case; in floats.
  private let leastKept: Int

  init(leastKept: Int = 64 << 20) { self.leastKept = leastKept }

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
      idle.mostEverUsed = max(idle.mostEverUsed, idle.used)
      idle.uses += 1
      guard let pointer = idle.shelves[capacity]?.take(idle.uses) else { return nil }
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
    let surplus = idle.withLock { idle -> [UnsafeMutableRawPointer] in
      idle.used -= capacity
      idle.floats += capacity
      idle.uses += 1
      idle.shelves[capacity, default: Shelf()].add(pointer, idle.uses)
      return idle.removeSurplus(beyond: max(leastKept, idle.mostEverUsed))
    }
    for pointer in surplus { pointer.deallocate() }
  }

  /// Floats that tensors hold now, the most that they held at once, and those that wait for the next tensor.
  var usage: (now: Int, most: Int, idle: Int) { idle.withLock { ($0.used, $0.mostUsed, $0.floats) } }

  /// Lets the most begin anew from what is held now.
  func forgetMostUsed() { idle.withLock { $0.mostUsed = $0.used } }
}
