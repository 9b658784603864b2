import Autograd
import Tensors
import Training

/// What an optimiser remembers, divided among the ranks: each keeps the memory of some parameters, changes these, and sends
/// the new weights to all others. Stage 1 of ZeRO.
///
/// Adam's memory is twice the weights; with R ranks each has an Rth of it. Parameters stay whole, the largest first to whoever
/// has least: where one parameter is most of the network, the parts are as uneven as that.
///
/// - PyTorch: `torch.distributed.optim.ZeroRedundancyOptimizer`, which divides in the same way. ZeRO itself divides within
///   parameters.
/// - Source: Rajbhandari, Rasley, Ruwase, He, "ZeRO: memory optimizations toward training trillion parameter models", SC 2020.
struct OptimizerShards {
  /// The rank of each parameter, in the optimiser's order.
  let owners: [Int]
  private let communicator: any Communicator

  init(_ parameters: [Parameter], _ communicator: any Communicator) {
    self.communicator = communicator
    owners = Self.owners(sizes: parameters.map(\.value.count), ranks: communicator.ranks)
  }

  /// Divides parameters of these sizes among the ranks.
  static func owners(sizes: [Int], ranks: Int) -> [Int] {
    var owners = [Int](repeating: 0, count: sizes.count)
    var load = [Int](repeating: 0, count: ranks)
    for i in sizes.indices.sorted(by: { (sizes[$0], $1) > (sizes[$1], $0) }) {
      let owner = load.indices.min { (load[$0], $0) < (load[$1], $1) }!
      owners[i] = owner
      load[owner] += sizes[i]
    }
    return owners
  }

  /// Has the optimiser change this rank's parameters, and gets the others' from theirs.
  func step(_ optimizer: any Optimizer) throws {
    let parameters = optimizer.parameters
    var others: [(Parameter, Tensor?)] = []
    for (parameter, owner) in zip(parameters, owners) where owner != communicator.rank {
      others.append((parameter, parameter.gradient))
      parameter.setGradient(nil)  // an optimiser leaves alone, and remembers nothing of, what has no gradient
    }
    optimizer.step()
    for (parameter, gradient) in others { parameter.setGradient(gradient) }
    for rank in 0..<communicator.ranks {
      let own = zip(parameters, owners).filter { $0.1 == rank }.map(\.0)
      var numbers = own.flatMap { $0.value.scalars }
      if numbers.isEmpty { continue }
      try communicator.broadcast(&numbers, from: rank)
      if rank == communicator.rank { continue }
      var at = 0
      for parameter in own {
        let count = parameter.value.count
        parameter.value = Tensor(Array(numbers[at..<at + count]), shape: parameter.shape)
        at += count
      }
    }
  }

  /// Gives rank 0 what all have remembered, as if it had been one optimiser; the others keep theirs.
  func collect(into optimizer: any Optimizer) throws {
    let steps = try communicator.gather(optimizer.memory.steps.map { Double($0) })
    let names = Self.slotNames(of: optimizer)
    for (i, parameter) in optimizer.parameters.enumerated() {
      let owner = owners[i]
      let count = Int(steps[owner][i])
      if owner == 0 || count == 0 { continue }
      for name in names[i] {
        var numbers =
          optimizer.memory.tensors[i][name]?.scalars ?? [Float](repeating: 0, count: parameter.value.count)
        try communicator.broadcast(&numbers, from: owner)
        if communicator.rank == 0 {
          optimizer.memory.tensors[i][name] = Tensor(numbers, shape: parameter.shape)
        }
      }
      if communicator.rank == 0 { optimizer.memory.steps[i] = count }
    }
  }

  /// Forgets what other ranks remember.
  func keepOwn(of optimizer: any Optimizer) {
    for (i, owner) in owners.enumerated() where owner != communicator.rank {
      optimizer.memory.tensors[i] = [:]
      optimizer.memory.steps[i] = 0
    }
  }

  private static func slotNames(of optimizer: some Optimizer) -> [[String]] {
    optimizer.groups.flatMap { group in
      let names = optimizer.slots(for: group.settings).map(\.name)
      return group.parameters.map { _ in names }
    }
  }
}

extension Optimizer {
  /// What the optimiser remembers in this process, in bytes.
  public var memoryBytes: Int {
    memory.tensors.reduce(0) { sum, tensors in sum + tensors.values.reduce(0) { $0 + $1.count * 4 } }
  }
}
