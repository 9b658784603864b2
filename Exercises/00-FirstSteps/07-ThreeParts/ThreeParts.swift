// 0.7  Three parts that share no plant                             (the book: chapter 0, section 0.9)
//
// There are many photographs of plants, several of each plant. A network that has learned from one photograph of a plant
// knows the plant, and reads another one of it too well. So the parts must not share plants: whoever is in the test is
// in no other part, with all of its photographs.
//
// Cut the photographs into three parts. The plants come in an order that was shuffled before:
//
//     the first `test` plants of the order           all their photographs are for the test
//     the next `validation` plants                   all theirs are for validation
//     the rest                                       all theirs are for training
//
//     plant    which plant each photograph shows     [N]     numbers from 0
//     order    all plants, each once, shuffled
//
// Give the places of the photographs in each part, in rising order.
//
// For example, plant = [0, 1, 0, 2], order = [2, 0, 1], test = 1, validation = 1: plant 2 is for the test, plant 0 for
// validation, plant 1 for training, so that the parts are [1], [0, 2] and [3].

import Practice

/// The places of the photographs for training, for validation and for the test.
func threeParts(
  _ plant: [Int], order: [Int], validation: Int, test: Int
) throws -> (training: [Int], validation: [Int], test: [Int]) {
  // BEGIN SOLUTION
  let forTest = Set(order.prefix(test))
  let forValidation = Set(order.dropFirst(test).prefix(validation))
  var parts = (training: [Int](), validation: [Int](), test: [Int]())
  for (place, plant) in plant.enumerated() {
    if forTest.contains(plant) {
      parts.test.append(place)
    } else if forValidation.contains(plant) {
      parts.validation.append(place)
    } else {
      parts.training.append(place)
    }
  }
  return parts
  // END SOLUTION
}
