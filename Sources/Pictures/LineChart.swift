/// Curves over a common axis: a loss over the epochs, a speed over the size.
///
/// The legend stands below the plot and covers nothing. Where there are few points, each has a marker.
///
/// - Book: chapter 1.
public struct LineChart: Sendable, XYChart {
  /// The heading.
  public var title: String
  /// A smaller line below the heading; nil for none.
  public var subtitle: String?
  /// The horizontal axis.
  public var x: Axis
  /// The vertical axis.
  public var y: Axis
  /// The curves; they take their colours in this order.
  public var series: [Series]
  /// Of the whole picture, in pixels.
  public var width = 760
  /// Of the box between the axes.
  public var plotHeight = 320

  /// - Parameters:
  ///   - title: The heading.
  ///   - subtitle: A smaller line below it.
  ///   - x: The horizontal axis.
  ///   - y: The vertical axis.
  ///   - series: The curves; they take their colours in this order.
  public init(title: String, subtitle: String? = nil, x: Axis, y: Axis, series: [Series]) {
    self.title = title
    self.subtitle = subtitle
    self.x = x
    self.y = y
    self.series = series
  }

  public var drawing: Drawing { xyDrawing(self, hasLines: true) }
}

/// Points over two axes, each with a name if it has one: accuracy over size, one point for each model.
///
/// A name that finds no free place beside its point is left out.
///
/// - Book: chapter 10.
public struct ScatterChart: Sendable, XYChart {
  /// The heading.
  public var title: String
  /// A smaller line below the heading; nil for none.
  public var subtitle: String?
  /// The horizontal axis.
  public var x: Axis
  /// The vertical axis.
  public var y: Axis
  /// The kinds of points; they take their colours in this order.
  public var series: [Series]
  /// Of the whole picture, in pixels.
  public var width = 760
  /// Of the box between the axes, in pixels.
  public var plotHeight = 320

  /// - Parameters:
  ///   - title: The heading.
  ///   - subtitle: A smaller line below it.
  ///   - x: The horizontal axis.
  ///   - y: The vertical axis.
  ///   - series: The kinds of points; they take their colours in this order.
  public init(title: String, subtitle: String? = nil, x: Axis, y: Axis, series: [Series]) {
    self.title = title
    self.subtitle = subtitle
    self.x = x
    self.y = y
    self.series = series
  }

  public var drawing: Drawing { xyDrawing(self, hasLines: false) }
}
