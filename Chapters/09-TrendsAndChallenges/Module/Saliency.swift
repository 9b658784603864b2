import Engine

/// The gradient of one class's score with respect to the input.
