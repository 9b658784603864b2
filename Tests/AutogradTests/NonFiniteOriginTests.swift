import Engine
import Testing

/// Where the first NaN or infinity came up: by name.
@Suite struct NonFiniteOriginTests {
  private final class Network: Module {
    let first = Linear(inFeatures: 2, outFeatures: 3)
    let second = Linear(inFeatures: 3, outFeatures: 2)
    func callAsFunction(_ x: Variable) -> Variable { second(log(relu(first(x)) + 1)) }
  }

  private func network() -> Network { withRandomSource(RandomSource(seed: 1)) { Network() } }
  private let x = Variable(Tensor([1, 2, 3, 4], shape: [2, 2]))

  @Test func nothingIsBlamedWhereAllIsFinite() {
    let model = network()
    #expect(model(x).sum().nonFiniteOrigin(naming: model.namedParameters) == nil)
  }

  @Test func aParameterIsNamed() throws {
    let model = network()
    model.second.weight.update { $0 = Tensor([0, 1, 2, .nan, 4, 5], shape: [2, 3]) }
    let origin = try #require(model(x).sum().nonFiniteOrigin(naming: model.namedParameters))
    #expect(origin.parameter == "second.weight")
    #expect(origin.op == nil)
    #expect(origin.place == 3)
    #expect(origin.description == "second.weight holds nan at place 3 of [2, 3]")
  }

  /// The op is blamed that made it of finite numbers, not those after it.
  @Test func anOpIsNamedWithItsParameters() throws {
    let model = network()
    let y = log(linear(x, model.first.weight, bias: model.first.bias) * 0 - 1)
    let origin = try #require((y * 2).sum().nonFiniteOrigin(naming: model.namedParameters))
    #expect(origin.op == "log")
    #expect(origin.parameter == nil)
    #expect(origin.number.isNaN)
    let weight = Parameter(Tensor([3e38, 3e38], shape: [1, 2]))
    let large = linear(Variable(Tensor([2, 2], shape: [1, 2])), weight)
    let made = try #require(large.sum().nonFiniteOrigin(naming: [("large.weight", weight)]))
    #expect(made.description == "linear, of large.weight, made inf at place 0 of [1, 1]")
  }

  /// A mask of infinities that was given is meant.
  @Test func givenInfinitiesAreMeant() throws {
    let weight = Parameter(Tensor([1, 2, 3], shape: [1, 3]))
    let masked = softmax(weight + Variable(Tensor([0, -.infinity, 0], shape: [1, 3])))
    let origin = (masked * Variable(Tensor([1, 1, .nan], shape: [1, 3]))).sum().nonFiniteOrigin()
    #expect(origin?.op != "softmax")
    let alone = (weight * Variable(Tensor([.infinity], shape: [1, 1]))).sum().nonFiniteOrigin()
    #expect(alone != nil)
  }

  @Test func trainingSaysIt() throws {
    let model = network()
    model.first.bias!.update { $0 = Tensor([0, .infinity, 0]) }
    let origin = model(x).sum().nonFiniteOrigin(naming: model.namedParameters)
    let error = LossIsNotFinite(loss: .nan, epoch: 1, batch: 2, origin: origin)
    #expect(
      error.description.contains("\n       First: first.bias holds inf at place 1 of [3].\n"), "\(error)")
  }
}
