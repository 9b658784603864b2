import Testing

@testable import Formats

@Suite struct IDXFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// Two images, 2 high and 3 wide.
  static let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3] + Array(10..<22)
  static let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9]

  @Test(arguments: ["plain", "plain.gz", "packed", "packed.gz"])
  func readsPlainAndPackedWhateverTheName(name: String) throws {
    let isPacked = name.hasPrefix("packed")
    let images = try folder.file(name, isPacked ? Gzip.packed(Self.images) : Self.images)
    #expect(
      try IDXFile.readImages(images) == IDXImages(count: 2, height: 2, width: 3, pixels: Array(10..<22)))
    #expect(try IDXFile.imageCount(images) == 2)
    let labels = try folder.file("labels", isPacked ? Gzip.packed(Self.labels) : Self.labels)
    #expect(try IDXFile.readLabels(labels) == [7, 0, 9])
    #expect(try IDXFile.labelCount(labels) == 3)
  }

  @Test func writes() throws {
    let images = IDXImages(count: 2, height: 2, width: 3, pixels: Array(10..<22))
    try IDXFile.write(images, to: folder("i"))
    try IDXFile.write(images, to: folder("new/i.gz"), creatingFolders: true)
    try IDXFile.write(labels: [7, 0, 9], to: folder("l"))
    try IDXFile.write(labels: [7, 0, 9], to: folder("l.gz"))
    #expect(try contents(folder("i")) == Self.images)
    #expect(try contents(folder("l")) == Self.labels)
    #expect(try contents(folder("new/i.gz")) == Gzip.packed(Self.images))
    #expect(try contents(folder("l.gz")) == Gzip.packed(Self.labels))
    try IDXFile.write(IDXImages(count: 0, height: 28, width: 28, pixels: []), to: folder("none"))
    #expect(try IDXFile.readImages(folder("none")).count == 0)
  }

  @Test func imagesMustFillTheirSizes() async throws {
    let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = IDXImages(count: 2, height: 2, width: 2, pixels: [1, 2, 3])
    }
    #expect(
      String(decoding: result.standardErrorContent, as: UTF8.self).contains(
        "IDXImages: 2 × 2 × 2 images and 3 pixels"))
  }

  func images(_ bytes: [UInt8]) throws -> String {
    let path = try folder.file("i", bytes)
    return message(about: path) { _ = try IDXFile.readImages(path) }
  }

  func labels(_ bytes: [UInt8]) throws -> String {
    let path = try folder.file("l", bytes)
    return message(about: path) { _ = try IDXFile.readLabels(path) }
  }

  @Test func wrongMagicNumbers() throws {
    let exchanged =
      "\n       The files of images have idx3 in their names, those of labels idx1: are the two exchanged?"
    #expect(
      try images(Self.labels)
        == "byte 0: the magic number is 0x00000801, an IDX file of labels; expected 0x00000803, an IDX file of images."
        + exchanged)
    #expect(
      try labels(Self.images)
        == "byte 0: the magic number is 0x00000803, an IDX file of images; expected 0x00000801, an IDX file of labels."
        + exchanged)
    #expect(
      try images([0, 0, 8, 4] + Self.images.dropFirst(4))
        == "byte 0: the magic number is 0x00000804, an IDX file with 4 dimensions; expected 0x00000803, an IDX file of images."
    )
    #expect(
      try images([0, 0, 13, 3] + Self.images.dropFirst(4))
        == "byte 0: the magic number is 0x00000D03, an IDX file of numbers of type Float; expected 0x00000803, an IDX file of images.\n       Only bytes without a sign (UInt8) are read."
    )
    #expect(
      try labels(Array("no such file at all".utf8))
        == "byte 0: the magic number is 0x6E6F2073, not that of an IDX file; expected 0x00000801, an IDX file of labels.\n       Check that this is the file you mean; a download may have fetched a web page instead."
    )
  }

  @Test func cutOff() throws {
    #expect(try images([]) == "the file is empty; expected an IDX file of images." + cutOffAdvice)
    #expect(
      try labels(Gzip.packed([])) == "the file is empty; expected an IDX file of labels." + cutOffAdvice)
    #expect(
      try images(Array(Self.images.prefix(3)))
        == "the file ends after 3 bytes; expected a header of 16 bytes." + cutOffAdvice)
    #expect(
      try labels(Array(Self.labels.prefix(7))) == "the file ends after 7 bytes; expected a header of 8 bytes."
        + cutOffAdvice)
    #expect(try images(Self.images.dropLast()) == "the file ends after 27 of 28 bytes." + cutOffAdvice)
    #expect(
      try images(Gzip.packed(Self.images.dropLast())) == "the file ends after 27 of 28 bytes." + cutOffAdvice)

    let large = [0, 0, 8, 1, 0, 4, 0, 0] + GzipTests.sample(1 << 18)
    let packed = Gzip.packed(large, level: 0)
    // Level 0 stores, in blocks of 5 bytes more; the gzip header takes 10 bytes.
    let text = try labels(Array(packed.prefix(10_015)))
    #expect(text == "the file ends after 10,000 of 262,152 bytes." + cutOffAdvice)
    // All numbers are there, but not the checksum.
    #expect(
      try labels(packed.dropLast(1)) == "the compressed data ends too early, after 262,152 unpacked bytes."
        + cutOffAdvice)
  }

  @Test func damaged() throws {
    var packed = Gzip.packed(Self.images)
    packed[packed.count - 6] ^= 1
    #expect(
      try images(packed)
        .hasSuffix(
          "the compressed data is damaged (incorrect data check) after 28 of 28 bytes were unpacked.\n       Fetch the file again."
        ))
  }

  @Test func tooMuch() throws {
    let expected =
      "byte 28: more bytes follow; expected the end, after the 2 images that the header promises.\n       The file is damaged or was joined with another; fetch it again."
    #expect(try images(Self.images + [0]) == expected)
    #expect(try images(Gzip.packed(Self.images + [0])) == expected)
  }

  @Test func absurdSizes() throws {
    let advice = "\n       The file is damaged; fetch it again."
    #expect(
      try images([0, 0, 8, 3] + [UInt8](repeating: 0xFF, count: 12) + [1])
        == "byte 4: the header promises 4,294,967,295 × 4,294,967,295 × 4,294,967,295 bytes; expected a sensible number of images."
        + advice)
    #expect(
      try images([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 5])
        == "byte 4: the header promises 1 × 0 × 5 bytes; expected a sensible number of images." + advice)
    // Allowed by its header, but no memory is taken for what is not there.
    #expect(
      try labels([0, 0, 8, 1, 0xFF, 0xFF, 0xFF, 0xFF, 1]) == "the file ends after 9 of 4,294,967,303 bytes."
        + cutOffAdvice)
  }

  @Test func missingFiles() {
    let path = folder("none")
    #expect(
      message(about: path) { _ = try IDXFile.readImages(path) }
        == "there is no such file.\n       Check the path and the folder you are in.")
  }
}

@Suite struct MNISTFolderTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  func put(_ images: String?, _ labels: String?, count: Int = 3) throws {
    if let images {
      try IDXFile.write(
        IDXImages(count: count, height: 1, width: 1, pixels: [UInt8](repeating: 0, count: count)),
        to: folder(images))
    }
    if let labels { try IDXFile.write(labels: [1, 2, 3], to: folder(labels)) }
  }

  func error() -> String {
    message(about: folder.path) { _ = try MNISTFolder.find(in: folder.path) }
  }

  @Test func findsThePairsThatAreThere() throws {
    try put("train-images-idx3-ubyte.gz", "train-labels.idx1-ubyte")
    let train = MNISTFolder.Pair(
      images: folder("train-images-idx3-ubyte.gz"), labels: folder("train-labels.idx1-ubyte"), count: 3)
    #expect(try MNISTFolder.find(in: folder.path) == MNISTFolder(train: train, test: nil))
    try put("t10k-images.idx3-ubyte.gz", "t10k-labels-idx1-ubyte")
    let test = MNISTFolder.Pair(
      images: folder("t10k-images.idx3-ubyte.gz"), labels: folder("t10k-labels-idx1-ubyte"), count: 3)
    #expect(try MNISTFolder.find(in: folder.path + "/") == MNISTFolder(train: train, test: test))
    try put("train-images-idx3-ubyte", nil)
    #expect(try MNISTFolder.find(in: folder.path).train?.images == folder("train-images-idx3-ubyte"))
  }

  @Test func missingOrEmptyFolders() throws {
    let missing = folder("none")
    #expect(
      message(about: missing) { _ = try MNISTFolder.find(in: missing) }
        == "there is no such folder; expected a folder with the MNIST files.")
    #expect(
      error() == """
        this folder has no MNIST files; expected train-images-idx3-ubyte and train-labels-idx1-ubyte, or the two with t10k.
               The names may end in .gz. Without MNIST, use the generated digits.
        """)
    let file = try folder.file("f", [])
    #expect(
      message(about: file) { _ = try MNISTFolder.find(in: file) }
        == "this is a file; expected a folder with the MNIST files.")
  }

  @Test func oneOfThePairIsMissing() throws {
    try put("train-images-idx3-ubyte", nil)
    let images = folder("train-images-idx3-ubyte")
    #expect(
      message(about: images) { _ = try MNISTFolder.find(in: folder.path) } == """
        the labels that belong to it are missing; expected train-labels-idx1-ubyte beside it, perhaps with .gz.
               Fetch that file too.
        """)
    try put(nil, "train-labels-idx1-ubyte")
    try put(nil, "t10k-labels-idx1-ubyte")
    let labels = folder("t10k-labels-idx1-ubyte")
    #expect(
      message(about: labels) { _ = try MNISTFolder.find(in: folder.path) } == """
        the images that belong to it are missing; expected t10k-images-idx3-ubyte beside it, perhaps with .gz.
               Fetch that file too.
        """)
  }

  @Test func countsThatDiffer() throws {
    try put("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", count: 4)
    let labels = folder("t10k-labels-idx1-ubyte")
    #expect(
      message(about: labels) { _ = try MNISTFolder.find(in: folder.path) } == """
        it has 3 labels; expected 4, one for each image of \(folder("t10k-images-idx3-ubyte")).
               The two files do not belong together; fetch both again.
        """)
  }
}

/// Where people's folders have the files, and files that have nothing in them.
@Suite struct MNISTLayoutTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  func put(_ images: String, _ labels: String, count: Int = 2) throws {
    let pixels = [UInt8](repeating: 0, count: count)
    try IDXFile.write(
      IDXImages(count: count, height: 1, width: 1, pixels: pixels), to: folder(images), creatingFolders: true)
    try IDXFile.write(labels: pixels, to: folder(labels), creatingFolders: true)
  }

  @Test(arguments: ["", "raw/", "MNIST/raw/", "gzip/"]) func foldersInside(part: String) throws {
    try put(part + "train-images-idx3-ubyte.gz", part + "train-labels-idx1-ubyte")
    let train = try #require(try MNISTFolder.find(in: folder.path).train)
    #expect(train.images == folder(part + "train-images-idx3-ubyte.gz") && !train.isTransposed)
  }

  /// Kaggle's archives put each file into a folder of its name.
  @Test func aFolderForEachFile() throws {
    let (images, labels) = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
    try put("\(images)/\(images)", "\(labels)/\(labels)")
    let test = try #require(try MNISTFolder.find(in: folder.path).test)
    #expect(test.images == folder("\(images)/\(images)") && test.count == 2)
  }

  @Test(arguments: ["digits", "mnist"]) func emnist(split: String) throws {
    let start = "gzip/emnist-\(split)-"
    try put(start + "train-images-idx3-ubyte.gz", start + "train-labels-idx1-ubyte.gz")
    try put(start + "test-images-idx3-ubyte.gz", start + "test-labels-idx1-ubyte.gz")
    let found = try MNISTFolder.find(in: folder.path)
    #expect(found.train?.isTransposed == true && found.test?.isTransposed == true)
  }

  @Test func formsThatAreNotRead() throws {
    func words() -> String { message(about: folder.path) { _ = try MNISTFolder.find(in: folder.path) } }
    _ = try folder.file("train.csv", [])
    #expect(
      words().hasPrefix("this folder has no MNIST files, only tables (.csv), which are not read; expected "))
    try put("emnist-letters-train-images-idx3-ubyte", "emnist-letters-train-labels-idx1-ubyte")
    #expect(words().hasPrefix("this folder has no MNIST files of digits, only EMNIST's letters; expected "))
  }

  @Test func noImages() throws {
    try put("train-images-idx3-ubyte", "train-labels-idx1-ubyte", count: 0)
    let images = folder("train-images-idx3-ubyte")
    #expect(
      message(about: images) { _ = try MNISTFolder.find(in: folder.path) }
        == "it has no images; expected at least one.\n       Fetch the file again.")
  }

  /// The file's own size bounds what is believed.
  @Test func hugeClaims() throws {
    let bytes: [UInt8] = [0, 0, 8, 3, 0, 0x10, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0x7F, 0x78]
    let path = try folder.file("f", bytes)
    #expect(
      message(about: path) { _ = try IDXFile.readImages(path) }
        == "the file ends after 17 of 17,045,651,472 bytes." + cutOffAdvice)
  }
}
