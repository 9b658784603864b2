// 7.11  Find the faults: too good to be true                        (the book: chapter 7, section 7.7)
//
// There are only 200 digits to learn from. So every image gets four copies, moved by one pixel up, down, left and right,
// and a fifth of all is held out, to see how well the network reads what it never saw. At first it learned nothing at
// all. Somebody then mended something, and it read 98 % of the held-out digits; on new digits from the same source it
// read far fewer. You have the program as it was before that.
//
// Two things are wrong with the data; the training is fine. Check the program as it is, and look at the curve. When it
// learns, ask whether you believe the number:
//
//     ./workbook check 7.11
//
//     images   the digits           [M, 49]    7 × 7 pixels, from 0 to 1
//     labels   what they are        M whole numbers from 0 to 9
//
// A row of `training` and the label at the same place in `trainingLabels` belong together, and so it is for validation.
// What is held out must tell how digits will be read that nobody has seen yet.
//
// For example, of the two digits [a, b] with the labels [7, 1], `copies` makes
//
//     a  b  a↑  b↑  a↓  b↓  a←  b←  a→  b→

import Engine
import Practice

/// The images, and after them all of them moved by a pixel: up, down, to the left, to the right.
private func copies(of images: Tensor) -> Tensor {
  let moves = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)]
  return concatenate(
    moves.map { down, right in
      var moved = Tensor.zeros(images.shape)
      for n in 0..<images.shape[0] {
        for row in max(0, down)..<min(7, 7 + down) {
          for column in max(0, right)..<min(7, 7 + right) {
            moved[n, row * 7 + column] = images[n, (row - down) * 7 + column - right]
          }
        }
      }
      return moved
    })
}

/// Makes the two parts of the data, and trains on one: the images of both, the labels of both, and the share of the
/// validation part that is read after each epoch.
func trainOnCopies(_ images: Tensor, labels: [Int]) throws -> (
  training: Tensor, validation: Tensor, labels: [[Int]], shares: [Float]
) {
  var order = RandomStream(seed: 711)
  // BEGIN SOLUTION
  let places = order.permutation(images.shape[0])
  let (held, kept) = (Array(places.prefix(places.count / 5)), Array(places.dropFirst(places.count / 5)))
  let training = copies(of: images.rows(kept))
  let trainingLabels = (0..<5).flatMap { _ in kept.map { labels[$0] } }
  let validation = images.rows(held)
  let validationLabels = held.map { labels[$0] }
  // INSTEAD
  // let copied = copies(of: images)
  // let copiedLabels = labels.flatMap { label in [Int](repeating: label, count: 5) }
  // let places = order.permutation(copied.shape[0])
  // let (held, kept) = (Array(places.prefix(places.count / 5)), Array(places.dropFirst(places.count / 5)))
  // let training = copied.rows(kept)
  // let trainingLabels = kept.map { copiedLabels[$0] }
  // let validation = copied.rows(held)
  // let validationLabels = held.map { copiedLabels[$0] }
  // END SOLUTION
  let shares = sharesRead(training, trainingLabels, validation, validationLabels)
  return (training, validation, [trainingLabels, validationLabels], shares)
}

/// Trains on one part, and reads the other after each of 20 epochs.
private func sharesRead(
  _ training: Tensor, _ trainingLabels: [Int], _ validation: Tensor, _ validationLabels: [Int]
) -> [Float] {
  withRandomSource(RandomSource(seed: 712)) {
    let reader = Sequential(
      Linear(inFeatures: 49, outFeatures: 64), ReLU(), Linear(inFeatures: 64, outFeatures: 10))
    let optimizer = SGD(reader.parameters, learningRate: 0.2, momentum: 0.9)
    var order = RandomStream(seed: 713)
    return (0..<20).map { _ in
      let places = order.permutation(training.shape[0])
      for start in stride(from: 0, to: places.count, by: 32) {
        let batch = Array(places[start..<min(start + 32, places.count)])
        let targets = IntTensor(batch.map { trainingLabels[$0] }, shape: [batch.count])
        let loss = crossEntropy(reader(Variable(training.rows(batch))), targets)
        optimizer.clearGradients()
        loss.backward()
        optimizer.step()
      }
      let scores = withoutGradients { reader(Variable(validation)).value }
      let right = zip(scores.argmax(axis: 1).scalars, validationLabels).count { $0 == $1 }
      return Float(right) / Float(validationLabels.count)
    }
  }
}
