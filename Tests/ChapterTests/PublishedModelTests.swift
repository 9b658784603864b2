import Chapter01BigAndSmall
import Engine
import Testing

/// What others have published of their models' size, and where.
///
/// The figures stand here and not in the module: it knows configurations only.
@Suite struct PublishedModelTests {
  /// Counted by others to the last parameter.
  static let exact: [(ModelDescription, Int)] = [
    // "only 60,000 trainable free parameters": LeCun and others 1998, section II.B.
    (.leNet5, 60_000),
    // The usual version's layers: 156 + 2,416 + 48,120 + 10,164 + 850.
    (.leNet5Today, 61_706),
    // Caffe's bvlc_alexnet, counted in HewlettPackard/dlcookbook-dlbs, table of models. The paper says 60 million.
    (.alexNet, 60_965_224),
    // torchvision, `AlexNet_Weights.IMAGENET1K_V1.meta["num_params"]`; and so on for the others.
    (.alexNetOnePiece, 61_100_840),
    (.vgg16, 138_357_544),
    (.resNet18, 11_689_512),
    (.resNet50, 25_557_032),
    (.mobileNetV2, 3_504_872),
    (.vitB16, 86_567_656),
    // Hugging Face Transformers, `sum(p.numel() for p in model.parameters())` of `BertModel` with
    // bert-base-uncased and bert-large-uncased (paper: 110 and 340 million), of `GPT2LMHeadModel` with gpt2 and
    // gpt2-xl (paper: 117 million, a slip, and 1542 million), of `T5ForConditionalGeneration` with t5-base
    // (paper: 220 million), of `LlamaForCausalLM` with Llama-2-7b, Llama-2-70b and Meta-Llama-3-8B.
    (.bertBase, 109_482_240),
    (.bertLarge, 335_141_888),
    (.gpt2, 124_439_808),
    (.gpt2XL, 1_557_611_200),
    (.t5Base, 222_903_552),
    (.llama2_7B, 6_738_415_616),
    (.llama2_70B, 68_976_648_192),
    (.llama3_8B, 8_030_261_248),
  ]

  @Test(arguments: PublishedModelTests.exact) func exactly(model: ModelDescription, published: Int) {
    #expect(model.parameters == published)
  }

  /// Published in round numbers: unit and count.
  static let round: [(ModelDescription, Int, Int)] = [
    // Inan, Khosravi, Socher, "Tying word vectors and word classifiers", arXiv 1611.01462, table 3: 66M.
    (.lstmLarge, 1_000_000, 66),
    // Brown and others, arXiv 2005.14165, table D.1: 174,600M.
    (.gpt3, 100_000_000, 1746),
  ]

  @Test(arguments: PublishedModelTests.round) func rounded(model: ModelDescription, unit: Int, published: Int)
  {
    #expect((model.parameters + unit / 2) / unit == published)
  }

  /// Multiplications with their additions, in thousandths of 10⁹: torchvision's `meta["_ops"]`.
  static let multiplications: [(ModelDescription, Int)] = [
    (.alexNetOnePiece, 714), (.vgg16, 15_470), (.resNet18, 1_814), (.resNet50, 4_089),
    (.mobileNetV2, 301), (.vitB16, 17_564),
  ]

  @Test(arguments: PublishedModelTests.multiplications) func operations(
    model: ModelDescription, published: Int
  ) {
    #expect((model.operations / 2 + 500_000) / 1_000_000 == published)
  }

  /// "3.8 × 10⁹", says the first paper (He and others 2015, table 1), cutting off the digits that follow: that is what
  /// halving in the first 1×1 takes, and not in the 3×3.
  @Test func firstResNet50() {
    // The three blocks that halve: their 1×1 works on a quarter of the places.
    let saved = [(256, 128, 56), (512, 256, 28), (1024, 512, 14)].reduce(0) { sum, block in
      let (inputs, width, side) = block
      let now = side * side * inputs * width + (side / 2) * (side / 2) * width * width * 9
      let then = (side / 2) * (side / 2) * (inputs * width + width * width * 9)
      return sum + now - then
    }
    #expect((ModelDescription.resNet50.operations / 2 - saved) / 100_000_000 == 38)
  }

  /// 3.14 · 10²³ operations for 300 billion tokens: Brown and others, table D.1, which leaves the scores out.
  @Test func trainingOfGPT3() {
    let gpt3 = ModelDescription.gpt3
    let scores = 96 * 4 * 2048 * 2048 * 12_288
    let perToken = Double(3 * (gpt3.operations - scores)) / 2048
    #expect(abs(perToken * 300e9 / 3.14e23 - 1) < 0.005)
  }

  /// 16 bytes a parameter, 24 GB for GPT-2: Rajbhandari and others, arXiv 1910.02054, section 3.1.
  @Test(arguments: [4, 2]) func trainingMemory(bytes: Int) {
    let memory = TrainingMemory(parameters: 1_500_000_000, activations: 0, bytesPerNumber: bytes)
    #expect(memory.total == 24_000_000_000)
  }

  @Test func results() {
    #expect(ModelDescription.leNet5.output == [10])
    #expect(ModelDescription.alexNet.output == [1000])
    #expect(ModelDescription.gpt2.output == [1024, 50_257])
    #expect(ModelDescription.t5Base.output == [512, 32_128])
    #expect(ModelDescription.bertBase.output == [768])
  }
}
