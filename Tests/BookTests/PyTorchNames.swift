import Engine
import Testing

/// The engine's names beside PyTorch's, as the page "Your own model in five minutes" lists them, and each of them used.
enum PyTorchNames {
  static let rows: [(theirs: String, ours: String)] = [
    ("torch.tensor([1., 2.])", "Tensor([1, 2])"),
    ("torch.zeros(2, 3)", "Tensor.zeros([2, 3])"),
    ("x.shape", "x.shape"),
    ("x.view(2, 3)", "x.reshaped([2, 3])"),
    ("x.flatten(1)", "x.flattened(from: 1)"),
    ("x @ y", "matmul(x, y)"),
    ("x.mean([2, 3])", "x.mean(axes: [2, 3])"),
    ("torch.tensor(x, requires_grad=True)", "Variable(x, requiresGradient: true)"),
    ("loss.backward()", "loss.backward()"),
    ("w.grad", "w.gradient"),
    ("with torch.no_grad():", "withoutGradients { … }"),
    ("nn.Module", "Module"),
    ("nn.Linear(784, 128)", "Linear(inFeatures: 784, outFeatures: 128)"),
    ("nn.Conv2d(1, 8, 5, padding=2)", "Conv2d(inChannels: 1, outChannels: 8, kernelSize: 5, padding: 2)"),
    ("F.relu(x)", "relu(x)"),
    ("F.max_pool2d(x, 2)", "maxPool2d(x, kernelSize: 2)"),
    ("torch.softmax(x, 1)", "softmax(x)"),
    ("F.cross_entropy(x, t)", "crossEntropy(x, t)"),
    ("optim.Adam(m.parameters(), lr=0.001)", "Adam(m.parameters, learningRate: 0.001)"),
    ("optimizer.zero_grad()", "optimizer.clearGradients()"),
    ("optimizer.step()", "optimizer.step()"),
    ("m.train()", "m.train()"),
    ("m.eval()", "m.evaluate()"),
    ("m.state_dict()", "m.state"),
    ("load_state_dict(load_file(path))", "m.readWeights(from: path)"),
    ("save_file(m.state_dict(), path)", "m.writeWeights(to: path)"),
  ]

  private final class Small: Module, Layer {
    let linear = Linear(inFeatures: 2, outFeatures: 3)
    func callAsFunction(_ x: Variable) -> Variable { relu(linear(x)) }
  }

  /// Calls what stands on the right.
  static func useThem() {
    let x = Tensor([1, 2, 3, 4, 5, 6]).reshaped([2, 3])
    #expect(x.shape == [2, 3] && Tensor.zeros([2, 3]).shape == x.shape)
    let images = Variable(Tensor.zeros([1, 1, 4, 4]))
    #expect(maxPool2d(images, kernelSize: 2).flattened(from: 1).shape == [1, 4])
    #expect(images.mean(axes: [2, 3]).shape == [1, 1])
    #expect(Conv2d(inChannels: 1, outChannels: 8, kernelSize: 5, padding: 2)(images).shape == [1, 8, 4, 4])
    #expect(matmul(Variable(x), Variable(Tensor.zeros([3, 1]))).shape == [2, 1])
    let model = Small()
    let optimizer = Adam(model.parameters, learningRate: 0.001)
    model.train()
    let logits = model(Variable(Tensor.zeros([4, 2]), requiresGradient: true))
    let loss = crossEntropy(logits, IntTensor([0, 1, 2, 0]))
    optimizer.clearGradients()
    loss.backward()
    #expect(model.linear.weight.gradient != nil)
    optimizer.step()
    model.evaluate()
    #expect(withoutGradients { softmax(logits) }.shape == [4, 3])
    #expect(model.state.map(\.name) == ["linear.weight", "linear.bias"])
  }
}
