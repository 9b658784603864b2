/// A model: its parts, and the shape of one example that it is given.
public struct ModelDescription: Sendable, Equatable {
  public let name: String
  public let year: Int
  /// The shape of one example: [C, H, W] of an image, [T] of tokens.
  public let input: [Int]
  public let parts: [Part]

  public init(_ name: String, year: Int, input: [Int], _ parts: [Part]) {
    self.name = name
    self.year = year
    self.input = input
    self.parts = parts
  }

  public var parameters: Int { parts.parameters }
  /// For one example, on the way forward.
  public var operations: Int { parts.operations(input) }
  /// For one example, forward and back. The way back has two products for each on the way forward: one for the gradient
  /// of the weights, one for that of the input.
  public var trainingOperations: Int { 3 * operations }
  /// For one example.
  public var activations: Int { parts.activations(input) }
  public var output: [Int] { parts.output(input) }

  /// The bytes that training takes: see `TrainingMemory`.
  public func trainingMemory(batch: Int = 1, bytesPerNumber: Int = 4) -> TrainingMemory {
    TrainingMemory(
      parameters: parameters, activations: activations, batch: batch, bytesPerNumber: bytesPerNumber)
  }
}
