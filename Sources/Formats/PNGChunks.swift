import NumberText

// What a PNG file consists of, looked at before libpng sees it: libpng reads over damage in some of its chunks.

extension PNG {
  /// Walks from chunk to chunk, so that a file that was cut off is told from one that is damaged, and one that is damaged
  /// is refused wherever the damage is.
  ///
  /// - Returns: How the picture is to be turned.
  static func checkChunks(_ bytes: [UInt8], _ path: String) throws(FileError) -> Orientation {
    if bytes.isEmpty { throw FileError(path, "the file is empty", expected: "a PNG file") }
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    if !bytes.starts(with: signature.prefix(bytes.count)) { throw notPNG(bytes, path) }
    func endsAfterAll(_ place: String) -> FileError {
      FileError(
        path, "the file ends after \(counted(bytes.count, "byte")), \(place)",
        advice: "It was probably cut off while downloading or copying; fetch it again.")
    }
    if bytes.count < signature.count { throw endsAfterAll("inside its signature") }
    func number(at place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    var place = signature.count
    var header: ArraySlice<UInt8> = []
    var dataCount = 0
    var orientation = Orientation.upright
    while true {
      if place + 12 > bytes.count { throw endsAfterAll("between two chunks") }
      let length = number(at: place)
      let letters = bytes[place + 4..<place + 8]
      let isName = letters.allSatisfy { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 }
      let name = String(decoding: letters, as: UTF8.self)
      if place == signature.count, name == "CgBI" { throw appleVariant(path) }
      if !isName || length > Int32.max || (header.isEmpty && (name != "IHDR" || length != 13)) {
        throw damaged(path, at: .byte(place), "no chunk begins here")
      }
      if place + 12 + length > bytes.count { throw endsAfterAll("inside its chunk \(name)") }
      if CRC32.checksum(bytes[place + 4..<place + 8 + length]) != UInt32(number(at: place + 8 + length)) {
        throw damaged(path, "its chunk \(name) at byte \(grouped(place)) does not match its checksum")
      }
      let contents = bytes[place + 8..<place + 8 + length]
      switch name {
      case "IHDR":
        if !header.isEmpty { throw damaged(path, at: .byte(place), "a second header begins here") }
        header = contents
        // Before libpng sees it, which calls sizes beyond its own limits damaged.
        try checkSize(number(at: place + 8), number(at: place + 12), path)
      case "IDAT": dataCount += length
      case "eXIf": orientation = Orientation(exif: Array(contents)) ?? orientation
      case "IEND":
        try checkPromise(Array(header), dataCount, path)
        return orientation
      default: break
      }
      place += 12 + length
    }
  }

  /// Compressed data unpack to 1,032 times their size at most: a header that promises more pixels than that lies, and is
  /// not worth the memory.
  private static func checkPromise(_ header: [UInt8], _ dataCount: Int, _ path: String) throws(FileError) {
    func number(at place: Int) -> Int { header[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    let (width, height) = (number(at: 0), number(at: 4))
    let channels = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][header[9]] ?? 1
    let raw = height * (width * channels * Int(header[8]) / 8)
    if raw > 1032 * (dataCount + 1) {
      throw damaged(
        path, "\(counted(dataCount, "byte")) of data cannot hold \(grouped(height))×\(grouped(width)) pixels")
    }
  }

  private static func appleVariant(_ path: String) -> FileError {
    FileError(
      path,
      "this is Apple's own kind of PNG (CgBI), which Xcode makes for apps and other programs cannot read",
      expected: "a plain PNG file",
      advice: """
        Take the picture that the app was built from, or convert it on a Mac:
        xcrun -sdk iphoneos pngcrush -revert-iphone-optimizations in.png out.png
        """)
  }

  /// Says what the bytes are instead, where that is easy to tell: photographs come as JPEG.
  private static func notPNG(_ bytes: [UInt8], _ path: String) -> FileError {
    let other = FileError.other(path, than: "a PNG file", bytes) {
      $0.isPicture ? "Save the picture as PNG first." : $0.advice
    }
    return other
      ?? FileError(
        path,
        "this is not a PNG file: its \(counted(bytes.count, "byte")) do not begin with 89 50 4E 47 (\"PNG\")",
        advice: "Check that this is the file you mean; other kinds of pictures must be saved as PNG first.")
  }
}
