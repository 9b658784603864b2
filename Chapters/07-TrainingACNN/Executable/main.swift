import Engine
import Foundation
final class CNN: Module {
  let conv1 = Conv2d(inChannels: 1, outChannels: 32, kernelSize: 5, padding: 2)
  let conv2 = Conv2d(inChannels: 32, outChannels: 64, kernelSize: 5, padding: 2)
  let fc1 = Linear(inFeatures: 64 * 7 * 7, outFeatures: 128)
  let fc2 = Linear(inFeatures: 128, outFeatures: 10)

  func callAsFunction(_ images: Variable) -> Variable {
    var x = maxPool2d(relu(conv1(images)), kernelSize: 2)
    x = maxPool2d(relu(conv2(x)), kernelSize: 2)
    x = relu(fc1(x.flattened(from: 1)))
    return fc2(x)
  }
}
let model = CNN()
print(model.namedParameters.map { "\($0.name) \($0.parameter.shape)" }, model.parameterCount)
let adam = Adam(model.parameters)
var rng = RandomStream(seed: 1)
let x = rng.uniform(0..<1, shape: [64, 1, 28, 28])
let y = IntTensor((0..<64).map { _ in rng.integer(below: 10) })
for i in 0..<200 {
  let t0 = Date()
  let loss = crossEntropy(model(Variable(x)), y)
  adam.clearGradients()
  loss.backward()
  adam.step()
  if i % 20 == 0 { print(i, loss.scalar, Date().timeIntervalSince(t0) * 1000, "ms") }
}
