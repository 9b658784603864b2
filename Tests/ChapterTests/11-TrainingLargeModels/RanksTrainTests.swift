import Chapter07TrainingACNN
import Chapter10ChoosingAModel
import Chapter11TrainingLargeModels
import Engine
import Ranks
import Testing

/// The article's CNN and the GPT, unchanged, trained by ranks.
@Suite struct RanksTrainTests {
  private static func bits(_ model: Module) -> [[UInt32]] {
    model.state.map { $0.tensor.scalars.map(\.bitPattern) }
  }

  private static func gpt(_ size: GPTSize) -> (task: GPTTask, recipe: GPTRecipe) {
    var stream = RandomStream(seed: 2)
    let text = (0..<400).map { _ in stream.integer(below: size.vocabulary) }
    var recipe = GPTRecipe()
    (recipe.batch, recipe.steps, recipe.warmUp) = (4, 4, 1)
    let task = GPTTask(
      training: text, validation: Array(text.prefix(20)), context: size.context, batch: 4, stepsPerEpoch: 4,
      seed: 6)
    return (task, recipe)
  }

  private static let size: GPTSize = {
    var size = GPTSize(vocabulary: 11, context: 8, width: 16, heads: 2, blocks: 3)
    (size.isTied, size.hasBiases) = (true, false)
    return size
  }()

  @Test func twoRanksTrainTheCNNAsOneProcessInTwoParts() throws {
    let data = ImageData.generatedDigits(training: 24, validation: 4, test: 1, seed: 3)
    var settings = TrainingSettings.cnn
    (settings.epochs, settings.batchSize) = (1, 8)
    let together = try LocalRanks.run(2) { [settings] communicator in
      let run = TrainingRun(Sharded(ImageClassification<CNN>(data), for: communicator), settings) { CNN() }
      var options = DataParallel.Options()
      options.dividesOptimizer = true
      let parallel = try DataParallel(run, communicator, options)
      try run.finish()
      #expect(parallel.bucketSizes.count == 2)
      return Self.bits(run.model)
    }
    settings.microBatches = 2
    let alone = TrainingRun(ImageClassification<CNN>(data), settings) { CNN() }
    try alone.finish()
    #expect(together[0] == Self.bits(alone.model) && together[1] == together[0])
  }

  @Test func twoRanksTrainTheGPTAsOneProcessInTwoParts() throws {
    let (task, recipe) = Self.gpt(Self.size)
    var settings = recipe.settings(seed: 5)
    settings.epochs = 1
    let together = try LocalRanks.run(2) { [settings] communicator in
      let run = TrainingRun(
        Sharded(task, for: communicator), settings, optimizer: { recipe.optimizer(for: $0) }
      ) { GPT(Self.size) }
      let parallel = try DataParallel(run, communicator)
      try run.finish()
      withExtendedLifetime(parallel) {}
      return Self.bits(run.model)
    }
    settings.microBatches = 2
    let alone = TrainingRun(task, settings, optimizer: { recipe.optimizer(for: $0) }) { GPT(Self.size) }
    try alone.finish()
    #expect(together[0] == Self.bits(alone.model) && together[1] == together[0])
  }

  /// A part of a step's windows is the same part, whoever asks: ranks would all read the first windows otherwise.
  @Test func aPartOfTheWindowsIsThatPart() {
    let (task, _) = Self.gpt(Self.size)
    for step in task.batches(epoch: 2, batchSize: 4, seed: 6) {
      let whole = task.batch(step, epoch: 2)
      let parts = parts(of: step, count: 3).map { task.batch($0, epoch: 2) }
      #expect(parts.flatMap(\.input.scalars) == whole.input.scalars)
      #expect(parts.flatMap(\.labels.scalars) == whole.labels.scalars)
    }
  }

  /// With dropout, tied weights, and stretches of one block, two, and all.
  @Test(arguments: [1, 2, 3]) func stretchesOfTheGPTGiveTheSameBits(_ length: Int) throws {
    var size = Self.size
    size.dropout = 0.2
    let (task, recipe) = Self.gpt(size)
    func weights(_ length: Int?) throws -> [[UInt32]] {
      let run = TrainingRun(task, recipe.settings(seed: 5), optimizer: { recipe.optimizer(for: $0) }) {
        GPT(size)
      }
      run.model.blocksPerStretch = length
      for _ in 0..<2 { try run.nextEpoch() }
      return Self.bits(run.model)
    }
    #expect(try weights(length) == weights(nil))
  }

  @Test func aStepIsMeasured() {
    let model = withRandomSource(RandomSource(seed: 1)) { Linear(inFeatures: 256, outFeatures: 128) }
    let x = Variable(Tensor.ones([4, 256]))
    let (memory, seconds) = measureStep(
      model.parameters, Adam(model.parameters), parts: [{ tanh(model(x)).sum() }])
    let weights = 4 * (256 * 128 + 128)
    #expect(memory.weights == weights && memory.gradients == weights && memory.optimizer == 2 * weights)
    #expect(seconds > 0)
  }
}
