// 7.2  A step with momentum                                        (the book: chapter 7, section 7.4)
//
// Gradient descent forgets: every step looks only at the gradient of one batch. With momentum the steps have a
// velocity. What points the same way again and again adds up; what changes its sign at every step cancels.
//
// Weight decay adds a pull towards 0 for every weight, in proportion to the weight. It belongs to the gradient, so the
// velocity has it too. The whole step of stochastic gradient descent (SGD), as PyTorch makes it:
//
//     d = g + λ w               the gradient with the pull
//     u ← μ u + d               the velocity
//     w ← w − η u               the weights, with the new velocity
//
//     w   the weights         any shape
//     g   their gradient      the shape of w
//     u   their velocity      the shape of w; 0 before the first step
//     η   the learning rate, μ the momentum, λ the weight decay
//
// For example, w = 1, g = 0.5, u = 2 with η = 0.1, μ = 0.9, λ = 0.2:
//
//     d = 0.5 + 0.2·1 = 0.7        u = 0.9·2 + 0.7 = 2.5        w = 1 − 0.1·2.5 = 0.75
//
// Tensors of the same shape can be added and multiplied by a number: `2 * x + y`.

import Practice

/// The weights and their velocity after one step.
func momentumStep(
  _ w: Tensor, gradient g: Tensor, velocity u: Tensor, learningRate: Float, momentum: Float,
  weightDecay: Float
) throws -> (w: Tensor, u: Tensor) {
  // BEGIN SOLUTION
  let d = g + weightDecay * w
  let velocity = momentum * u + d
  return (w - learningRate * velocity, velocity)
  // END SOLUTION
}
