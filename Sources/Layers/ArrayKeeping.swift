import Autograd
import Tensors

/// A module that keeps more than parameters and statistics: weights in eight bits, say. What it keeps is saved and
/// loaded with the rest of the state.
///
///     final class QuantizedLinear: Module, ArrayKeeping {
///       var keptArrays: [KeptArray] {
///         [KeptArray("weight", Tensor(weight.integers), as: .int8), …]
///       }
///       func take(_ arrays: [String: Tensor]) { weight = … }
///     }
///
/// - PyTorch: buffers of whole numbers, or `get_extra_state` and `set_extra_state`.
/// - Book: chapter 12.
public protocol ArrayKeeping: Module, ArrayTaking {
  /// What it keeps now. Names, shapes and types stay the same throughout.
  var keptArrays: [KeptArray] { get }
}

/// What takes over arrays of a saved state.
public protocol ArrayTaking: AnyObject {
  /// Takes over arrays by the names of `keptArrays`: all of them, of the right shapes, with numbers within the limits.
  func take(_ arrays: [String: Tensor])
}

extension KeptArray {
  /// What a rounded weight is kept in: the whole numbers, their scales and zero points, and those of the input where
  /// they are fixed.
  ///
  /// - Parameter name: The weight's: `weight` makes `weight`, `weight_scale`, `weight_zero_point`.
  package static func arrays(
    of weight: QuantizedTensor, input: Quantization? = nil, _ name: String
  ) -> [KeptArray] {
    func type(_ form: Quantization) -> NumberType { form.isSigned ? .int8 : .uint8 }
    func limits(_ form: Quantization) -> ClosedRange<Float> {
      Float(form.range.lowerBound)...Float(form.range.upperBound)
    }
    func ends(_ form: Quantization, _ name: String) -> [KeptArray] {
      [
        KeptArray(
          name + "_scale", Tensor(form.scales),
          limits: .leastNonzeroMagnitude ... .greatestFiniteMagnitude),
        KeptArray(
          name + "_zero_point", Tensor(form.zeroPoints.map { Float($0) }), as: type(form),
          limits: limits(form)),
      ]
    }
    let form = weight.quantization
    let numbers = KeptArray(name, Tensor(weight.integers), as: type(form), limits: limits(form))
    return [numbers] + ends(form, name) + (input.map { ends($0, name + "_input") } ?? [])
  }
}

extension Quantization {
  /// Another scale and zero point in the same range.
  package func with(scales: Tensor, zeroPoints: Tensor) -> Quantization {
    Quantization(
      scales: scales.scalars, zeroPoints: zeroPoints.scalars.map { Int($0) }, axis: axis, range: range)
  }
}

extension Parameter: ArrayTaking {
  /// What a saved state has of a weight in whole numbers; the names are to follow the parameter's.
  var keptArrays: [KeptArray]? {
    integers.map { KeptArray.arrays(of: $0.quantized, input: $0.input, "") }
  }

  /// Takes over the whole numbers of a saved state.
  public func take(_ arrays: [String: Tensor]) {
    guard let old = integers else { return }
    let form = old.quantization.with(scales: arrays["_scale"]!, zeroPoints: arrays["_zero_point"]!)
    let numbers = arrays[""]!
    keep(
      old.replaced(
        by: QuantizedTensor(
          integers: IntTensor(numbers.scalars.map { Int($0) }, shape: numbers.shape), form),
        input: old.input.map {
          $0.with(scales: arrays["_input_scale"]!, zeroPoints: arrays["_input_zero_point"]!)
        }))
  }
}

/// An array that a module keeps and that is neither a parameter nor a statistic.
public struct KeptArray: Sendable {
  /// As which numbers a file holds the array. In memory they are floats, which hold all of these exactly.
  public enum NumberType: Sendable {
    /// As they are.
    case float32
    /// As whole numbers from −128 to 127.
    case int8
    /// As whole numbers from 0 to 255.
    case uint8
  }

  /// The name within the module, as in PyTorch's `state_dict`: `weight_scale`.
  public let name: String
  /// The numbers, as Float whatever their type in a file.
  public let tensor: Tensor
  /// How a weights file holds them.
  public let type: NumberType
  /// Which numbers the module can take.
  public let limits: ClosedRange<Float>

  /// - Parameters:
  ///   - name: The name within the module, as in PyTorch's `state_dict`: `weight_scale`.
  ///   - tensor: The numbers, of any shape, as floats whatever their type in a file.
  ///   - type: How a weights file holds them.
  ///   - limits: Which numbers can be taken; all of the type by default, infinities and NaN excepted.
  public init(
    _ name: String, _ tensor: Tensor, as type: NumberType = .float32, limits: ClosedRange<Float>? = nil
  ) {
    let greatest = Float.greatestFiniteMagnitude
    (self.name, self.tensor, self.type) = (name, tensor, type)
    self.limits = limits ?? (type == .int8 ? -128...127 : type == .uint8 ? 0...255 : -greatest...greatest)
  }

  /// The first of `numbers` that cannot be taken, and what could.
  func objection(to numbers: Tensor) -> String? {
    let isWhole = type != .float32
    guard
      let bad = numbers.scalars.first(where: { !limits.contains($0) || isWhole && $0 != $0.rounded() })
    else { return nil }
    let kind = isWhole ? "whole numbers" : "numbers"
    let (low, high) = (limits.lowerBound, limits.upperBound)
    let range = isWhole ? "\(Int(low)) to \(Int(high))" : "\(low) to \(high)"
    return "holds \(bad); \(kind) from \(range) are needed"
  }
}
