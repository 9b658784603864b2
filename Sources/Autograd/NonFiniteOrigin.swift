import Tensors

/// Where the first number came up in a computation that is NaN or infinite.
///
///     if let origin = loss.nonFiniteOrigin(naming: model.namedParameters) { print(origin) }
///     // fc2.weight holds nan at place 17 of [10, 128]
///     // conv2d + relu, of conv1.weight and conv1.bias, made inf at place 3 of [64, 32, 28, 28]
///
/// - PyTorch: `torch.autograd.detect_anomaly` finds it in the backward pass.
public struct NonFiniteOrigin: Sendable, Equatable, CustomStringConvertible {
  /// The op that made the number of finite ones; nil where it was given, in a parameter or in data.
  public let op: String?
  /// The parameter that it stands in.
  public let parameter: String?
  /// The parameters that the op was given.
  public let parametersOfOp: [String]
  /// The number: NaN or an infinity.
  public let number: Float
  /// Where it stands, counted row by row.
  public let place: Int
  /// The shape of what it stands in.
  public let shape: [Int]

  public var description: String {
    let place = "\(number) at place \(place) of \(shape)"
    guard let op else { return "\(parameter ?? "what was given") holds \(place)" }
    let own = parametersOfOp.isEmpty ? "" : ", of \(parametersOfOp.joined(separator: " and ")),"
    return "\(op)\(own) made \(place)"
  }
}

extension Variable {
  /// The first place in this variable's history where a number is NaN or infinite; nil when all are finite.
  ///
  /// To be asked before `backward`, which lets the history go. Ops that were done in one pass are one op here:
  /// "conv2d + relu". Infinities in what was given and is no parameter are taken to be meant, as in a mask, unless nothing
  /// else is found.
  ///
  /// - Parameter parameters: The names by which to call them: a module's `namedParameters`.
  public func nonFiniteOrigin(
    naming parameters: [(name: String, parameter: Parameter)] = []
  ) -> NonFiniteOrigin? {
    let names = Dictionary(parameters.map { (ObjectIdentifier($0.parameter), $0.name) }) { first, _ in first }
    // Inputs were made before results: the first in this order has finite inputs.
    var seen: Set<ObjectIdentifier> = []
    var all: [Variable] = []
    var unseen = [self as Variable]
    while let variable = unseen.popLast() {
      if !seen.insert(ObjectIdentifier(variable)).inserted { continue }
      all.append(variable)
      unseen += variable.parents
    }
    all.sort { $0.number < $1.number }
    func origin(_ variable: Variable, _ place: Int, _ number: Float) -> NonFiniteOrigin {
      let own = variable.parents.compactMap { names[ObjectIdentifier($0)] }
      return NonFiniteOrigin(
        op: variable.parents.isEmpty ? variable.op : variable.op ?? "an op",
        parameter: variable is Parameter ? names[ObjectIdentifier(variable)] ?? "a parameter" : nil,
        parametersOfOp: own, number: number, place: place, shape: variable.shape)
    }
    var meant: NonFiniteOrigin?
    for variable in all {
      let scalars = variable.value.scalars
      guard let place = scalars.firstIndex(where: { !$0.isFinite }) else { continue }
      let found = origin(variable, place, scalars[place])
      let isGiven = variable.parents.isEmpty && !(variable is Parameter) && variable.op == nil
      if isGiven, !scalars.contains(where: \.isNaN) {
        meant = meant ?? found
        continue
      }
      return found
    }
    return meant
  }
}
