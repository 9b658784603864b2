import Autograd
import Tensors

/// The gradients of a network, packed into a few long arrays that are summed over all ranks one by one: a bias of ten
/// numbers is not worth a message of its own.
///
/// Buckets are filled from the last parameter to the first, which is about the order in which `backward` finishes them. A
/// bucket that is full is sent at once, while `backward` goes on; always in the same order, for the ranks' sums must meet.
/// Behind the gradients a bucket has one number for each parameter: how many ranks have a gradient for it. Where none has,
/// the parameter keeps none.
final class GradientBuckets {
  private final class Bucket {
    let members: [Parameter]
    let offsets: [Int]
    let numbers: UnsafeMutableBufferPointer<Float>
    var filled: Set<Int> = []
    var pending: (any PendingSum)?
    var isSent = false

    init(_ members: [Parameter]) {
      self.members = members
      var offset = 0
      offsets = members.map { parameter in
        defer { offset += parameter.value.count }
        return offset
      }
      numbers = .allocate(capacity: offset + members.count)
      numbers.initialize(repeating: 0)
    }

    deinit {
      // A sum that is under way because something else went wrong still writes into the numbers.
      try? pending?.wait()
      numbers.deallocate()
    }

    func flag(_ member: Int) -> Int { numbers.count - members.count + member }

    func fill(_ member: Int) {
      if !filled.insert(member).inserted { return }
      let (parameter, at) = (members[member], numbers.baseAddress! + offsets[member])
      numbers[flag(member)] = parameter.gradient == nil ? 0 : 1
      guard let gradient = parameter.gradient else {
        return at.update(repeating: 0, count: parameter.value.count)
      }
      gradient.withPointer { at.update(from: $0, count: gradient.count) }
    }
  }

  private let communicator: any Communicator
  private let buckets: [Bucket]
  private var places: [ObjectIdentifier: (bucket: Int, member: Int)] = [:]
  /// Buckets before this one are sent.
  private var next = 0
  /// Whether buckets are sent as soon as they are full.
  let overlaps: Bool
  /// What went wrong while `backward` went on; thrown when it is done.
  private var failure: (any Error)?
  /// Sums that were done before anybody had to wait for them, and all sums, since the beginning.
  private(set) var early = (done: 0, all: 0)

  /// - Parameter bytes: What a bucket holds at least, unless it is the last.
  init(_ parameters: [Parameter], bytes: Int, overlaps: Bool, _ communicator: any Communicator) {
    (self.communicator, self.overlaps) = (communicator, overlaps)
    var buckets: [Bucket] = []
    var members: [Parameter] = []
    for parameter in parameters.reversed() {
      members.append(parameter)
      if members.reduce(0, { $0 + $1.value.count * 4 }) >= bytes {
        buckets.append(Bucket(members))
        members = []
      }
    }
    if !members.isEmpty { buckets.append(Bucket(members)) }
    self.buckets = buckets
    for (b, bucket) in buckets.enumerated() {
      for (m, parameter) in bucket.members.enumerated() { places[ObjectIdentifier(parameter)] = (b, m) }
    }
  }

  /// How many bytes each bucket holds, in the order in which they are sent.
  var sizes: [Int] { buckets.map { $0.numbers.count * 4 } }

  /// Takes in a gradient to which nothing more will be added.
  func take(_ parameter: Parameter) {
    guard overlaps, let (b, m) = places[ObjectIdentifier(parameter)] else { return }
    buckets[b].fill(m)
    do {
      try sendFull()
      // Some MPIs send only while they are asked how far they are.
      for bucket in buckets[..<next] { _ = try bucket.pending?.isDone() }
    } catch {
      failure = failure ?? error
    }
  }

  private func sendFull() throws {
    while next < buckets.count, buckets[next].filled.count == buckets[next].members.count {
      buckets[next].pending = try communicator.startSum(of: buckets[next].numbers)
      next += 1
    }
  }

  /// Sends what is not sent yet, and puts the sums in place of the gradients.
  func finish() throws {
    if let failure { throw failure }
    if overlaps {
      for bucket in buckets[next...] { for m in bucket.members.indices { bucket.fill(m) } }
      try sendFull()
      for bucket in buckets {
        early.all += 1
        if try bucket.pending!.isDone() { early.done += 1 }
        try bucket.pending!.wait()
        unpack(bucket)
      }
    } else {
      for bucket in buckets {
        for m in bucket.members.indices { bucket.fill(m) }
        try communicator.sum(of: bucket.numbers)
        unpack(bucket)
      }
    }
    next = 0
  }

  private func unpack(_ bucket: Bucket) {
    for (m, parameter) in bucket.members.enumerated() where bucket.numbers[bucket.flag(m)] > 0 {
      var gradient = parameter.gradient ?? .zeros(parameter.shape)
      parameter.setGradient(nil)  // so that changing `gradient` copies nothing
      let (count, from) = (gradient.count, bucket.numbers.baseAddress! + bucket.offsets[m])
      gradient.withMutablePointer { $0.update(from: from, count: count) }
      parameter.setGradient(gradient)
    }
    bucket.filled = []
    bucket.pending = nil
  }
}
