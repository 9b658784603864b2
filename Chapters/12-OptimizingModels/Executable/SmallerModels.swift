import Chapter12OptimizingModels
import Engine

/// How a model lies in its file, and calculates.
enum ModelForm: Sendable {
  /// 32-bit floats.
  case floats
  /// Weights of eight bits, a scale for each row.
  case eightBits
  /// Pruned and in eight bits: places and values.
  case packed
}

/// Which network it is.
enum Architecture: Sendable {
  case cnn(Int, Int, Int)
  case perceptron(Int, Int)

  func make() -> any Prunable {
    switch self {
    case .cnn(let a, let b, let hidden): SizedCNN(filters: (a, b), hidden: hidden)
    case .perceptron(let a, let b): Perceptron(hidden: (a, b))
    }
  }
}

/// A trained model in one of its forms.
struct SmallerModel: Sendable {
  let name: String
  let key: String
  /// Short enough to stand beside a point.
  let label: String
  let architecture: Architecture
  let form: ModelForm
  let state: [(name: String, tensor: Tensor)]

  /// The model as it calculates.
  func make() throws -> any Prunable {
    let model = architecture.make()
    model.take(state)
    switch form {
    case .floats: break
    case .eightBits: try model.roundWeights()
    case .packed:
      for weight in model.weights { weight.value = PackedWeight(weight.value).unpacked() }
      try model.roundWeights()
    }
    return model
  }

  func write(to path: String) throws {
    switch form {
    case .packed:
      let model = architecture.make()
      model.take(state)
      try model.writePacked(to: path)
    case .floats, .eightBits: try make().writeWeights(to: path)
    }
  }
}

/// All models of one seed, made of one teacher.
struct SmallerModels {
  let data: ImageData
  let seed: UInt64
  let teacherEpochs: Int
  let epochs: Int

  /// The families that are trained side by side once the teacher is there.
  enum Family: CaseIterable, Sendable {
    case half, quarter, alone, taught, smallest, perceptronAlone, perceptronTaught
  }

  /// The students have labels for one digit in so many, and for all of them what the teacher says.
  static let digitsForEachLabel = 4

  private var labelled: ImagePart { data.training.first(data.training.count / Self.digitsForEachLabel) }

  private func settings(_ epochs: Int, rate: Double = 1) -> TrainingSettings {
    var settings = TrainingSettings(epochs: epochs, batchSize: 32, learningRate: 2e-3 * rate, seed: seed)
    settings.schedule = .linear
    return settings
  }

  func teacher(_ advance: (Int) -> Void) throws -> [(name: String, tensor: Tensor)] {
    let model = withRandomSource(RandomSource(seed: seed)) { SizedCNN(filters: (32, 64), hidden: 128) }
    try train(
      model, on: ImageClassification<SizedCNN>(training: data.training), settings(teacherEpochs),
      advance: advance)
    return model.state
  }

  /// Every form of every model of a family.
  func models(
    _ family: Family, teacher: [(name: String, tensor: Tensor)], logits: Tensor, _ advance: (Int) -> Void
  ) throws -> [SmallerModel] {
    let large = SizedCNN(filters: (32, 64), hidden: 128)
    large.take(teacher)
    func fresh<Model>(_ model: () -> Model) -> Model {
      withRandomSource(RandomSource(seed: seed &+ 7), model)
    }
    /// As many steps as the others have.
    func alone<Model: Prunable>(_ model: Model, _ epochs: Int) throws -> Model {
      try train(
        model, on: ImageClassification<Model>(training: labelled), settings(epochs * Self.digitsForEachLabel),
        advance: advance)
      return model
    }
    func taught<Model: Prunable>(
      _ model: Model, _ epochs: Int, rate: Double = 1, holding pruning: Pruning? = nil
    ) throws -> Model {
      let task = DistillationTask<Model>(
        training: data.training, teacher: logits, temperature: 4, alpha: 0)
      try train(model, on: task, settings(epochs, rate: rate), holding: pruning, advance: advance)
      return model
    }
    /// Taught, then pruned in three rounds and taught again after each: as many epochs as the others in all.
    func pruned<Model: Prunable>(_ model: Model, to left: Double) throws -> Model {
      _ = try taught(model, epochs)
      for round in 1...3 {
        let amount = PruningSchedule.cubic.sparsity(after: round, of: 3, to: 1 - left)
        let pruning = Pruning()
        let masks = qualityMasks(of: model.weights.map(\.value), amount: amount)
        for (weight, mask) in zip(model.weights, masks) { pruning.add(weight, mask: mask) }
        _ = try taught(model, max(epochs / 3, 1), rate: round == 3 ? 0.5 : 1, holding: pruning)
      }
      return model
    }
    func entries<Model: Prunable>(
      _ model: Model, _ architecture: Architecture, _ name: String, _ key: String, _ label: String,
      _ forms: [ModelForm]
    ) -> [SmallerModel] {
      forms.map { form in
        let isEightBits = if case .floats = form { false } else { true }
        return SmallerModel(
          name: name + (isEightBits ? ", int8" : ""), key: key + (isEightBits ? "_int8" : ""),
          label: label + (isEightBits ? " 8" : ""),
          architecture: architecture, form: form, state: model.state)
      }
    }

    switch family {
    case .half:
      let model = try taught(large.withoutFilters(0.5, units: 0.5), max(epochs / 2, 1))
      return entries(large, .cnn(32, 64, 128), "article's CNN", "cnn", "CNN", [.floats, .eightBits])
        + entries(model, .cnn(16, 32, 64), "half of its filters", "half", "½", [.floats, .eightBits])
    case .quarter:
      let model = try taught(large.withoutFilters(0.75, units: 0.75), max(epochs / 2, 1))
      return entries(
        model, .cnn(8, 16, 32), "a quarter of its filters", "quarter", "¼", [.floats, .eightBits])
    case .alone:
      let model = try alone(fresh { SizedCNN(filters: (8, 16), hidden: 48) }, 2 * epochs)
      return entries(model, .cnn(8, 16, 48), "student, alone", "alone", "S alone", [.floats])
    case .taught:
      let model = try taught(fresh { SizedCNN(filters: (8, 16), hidden: 48) }, 2 * epochs)
      let dense = entries(model, .cnn(8, 16, 48), "student, taught", "taught", "S", [.floats, .eightBits])
      return dense
        + entries(
          try pruned(fresh { SizedCNN(filters: (8, 16), hidden: 48) }, to: 0.3), .cnn(8, 16, 48),
          "student, taught, 30 % left", "taught_30", "S 30 %", [.packed])
    case .smallest:
      let model = try taught(fresh { SizedCNN(filters: (6, 12), hidden: 16) }, 2 * epochs)
      let dense = entries(
        model, .cnn(6, 12, 16), "small student, taught", "small", "XS", [.floats, .eightBits])
      return dense
        + entries(
          try pruned(fresh { SizedCNN(filters: (6, 12), hidden: 16) }, to: 0.5), .cnn(6, 12, 16),
          "small student, taught, 50 % left", "small_50", "XS 50 %",
          [.packed])
    case .perceptronAlone:
      let model = try alone(fresh { Perceptron() }, 2 * epochs)
      return entries(model, .perceptron(300, 100), "LeNet-300-100, alone", "lenet", "L alone", [.floats])
    case .perceptronTaught:
      let model = try taught(fresh { Perceptron() }, 2 * epochs)
      let dense = entries(
        model, .perceptron(300, 100), "LeNet-300-100, taught", "lenet_taught", "L", [.floats, .eightBits])
      return dense
        + entries(
          try pruned(fresh { Perceptron() }, to: 0.1), .perceptron(300, 100),
          "LeNet-300-100, taught, 10 % left", "lenet_10", "L 10 %",
          [.packed])
    }
  }
}
