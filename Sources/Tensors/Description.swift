extension Tensor: CustomStringConvertible {
  /// The shape, and the numbers as nested rows; long axes show their first and last three.
  public var description: String {
    if rank == 0 { return "Tensor(\(scalar))" }
    // Without numbers there are no rows to count, however many the shape names.
    if count == 0 { return "Tensor(\(shape)) []" }
    return "Tensor(\(shape)) \(nested(axis: 0, offset: 0, indent: " "))"
  }

  private func nested(axis: Int, offset: Int, indent: String) -> String {
    if axis == rank { return "\(withPointer { $0[offset] })" }
    let step = shape[(axis + 1)...].reduce(1, *)
    let size = shape[axis]
    let shown = size <= 8 ? Array(0..<size) : [0, 1, 2, -1, size - 3, size - 2, size - 1]
    let parts = shown.map { i in
      i < 0 ? "…" : nested(axis: axis + 1, offset: offset + i * step, indent: indent + " ")
    }
    return "[" + parts.joined(separator: axis == rank - 1 ? ", " : ",\n" + indent) + "]"
  }
}
