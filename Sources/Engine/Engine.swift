// `import Engine` is all that a chapter writes.
@_exported import Autograd
@_exported import Datasets
@_exported import Formats
@_exported import Layers
@_exported import Pictures
@_exported import Tensors
@_exported import Training
