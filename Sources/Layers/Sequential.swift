import Autograd
import Tensors

/// Layers in a row, each taking what the one before it gives. Their parameters are named by number: `0.weight`, …
///
///     let mlp = Sequential(Linear(inFeatures: 784, outFeatures: 128), ReLU(), Linear(inFeatures: 128, outFeatures: 10))
///
/// - PyTorch: `torch.nn.Sequential`.
/// - Book: chapter 4.
public final class Sequential: Module, Layer {
  /// In a box, so that the layers are found once, by `listedModules`.
  private struct Box { let layers: [any Layer] }
  private let box: Box

  /// - Parameter layers: In the order in which they are called; with none, the output is the input.
  public init(_ layers: [any Layer]) { box = Box(layers: layers) }

  /// The same, written one after the other.
  public convenience init(_ layers: any Layer...) { self.init(layers) }

  /// The layers, in the order in which they are called.
  public var layers: [any Layer] { box.layers }

  /// The layer at place `index`, from 0; PyTorch's negative places are not allowed.
  public subscript(_ index: Int) -> any Layer { box.layers[index] }

  public override var listedModules: [(name: String, module: Module)] {
    box.layers.enumerated().map { ("\($0.offset)", $0.element) }
  }

  public func callAsFunction(_ x: Variable) -> Variable { box.layers.reduce(x) { $1($0) } }
}

/// A layer and a way around it: `y = x + body(x)`, or `shortcut(x) + body(x)` where the shapes differ.
///
/// - Shape: whatever the body keeps.
/// - PyTorch: none; written out in each model.
/// - Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016.
/// - Book: chapter 1.
public final class Residual: Module, Layer {
  /// What the input goes through.
  public let body: any Layer
  /// What the way around the body does; nil for nothing.
  public let shortcut: (any Layer)?

  /// - Parameters:
  ///   - body: What the input goes through.
  ///   - shortcut: What is done on the way around, where the body changes the shape: a 1×1 convolution, say. Nil for
  ///     nothing.
  public init(_ body: any Layer, shortcut: (any Layer)? = nil) {
    self.body = body
    self.shortcut = shortcut
  }

  /// `x + body(x)`, or `shortcut(x) + body(x)`. Traps when the two ways give different shapes.
  public func callAsFunction(_ x: Variable) -> Variable {
    let (around, through) = (shortcut?(x) ?? x, body(x))
    if around.shape != through.shape {
      trap("Residual: the body makes \(through.shape) of \(x.shape), the way around it \(around.shape)")
    }
    return around + through
  }
}
