import Engine

extension ImageSet {
  /// The same images with their pixels in another order, the same for all.
  ///
  /// - Parameter order: Pixel `i` of a new image is pixel `order[i]` of the old. Traps when it is no permutation.
  /// - Book: section 4.8.
  public func withPixels(in order: [Int]) -> ImageSet {
    if order.sorted() != Array(0..<height * width) {
      fatalError("withPixels: \(order.count) places are no order of \(height) × \(width) pixels")
    }
    return ImageSet(labels: labels, height: height, width: width, classCount: classCount) { i in
      let pixels = self.batch([i]).images.scalars
      return order.map { UInt8((pixels[$0] * 255).rounded()) }
    }
  }
}

extension ImageData {
  /// The same data with the pixels of all images in another order.
  public func withPixels(in order: [Int]) -> ImageData {
    var shuffled: [ObjectIdentifier: ImageSet] = [:]
    func part(_ part: ImagePart) -> ImagePart {
      let set = shuffled[ObjectIdentifier(part.set)] ?? part.set.withPixels(in: order)
      shuffled[ObjectIdentifier(part.set)] = set
      return ImagePart(set, part.indices)
    }
    return ImageData(
      training: part(training), validation: part(validation), test: part(test),
      source: source + ", pixels in another order")
  }
}
