/// Curves over a common axis: a loss over the epochs, a speed over the size.
///
/// The legend stands below the plot and covers nothing. Where there are few points, each has a marker.
///
/// - Book: chapter 1.
public struct LineChart: Sendable, XYChart {
  public var title: String
  public var subtitle: String?
  public var x: Axis
  public var y: Axis
  public var series: [Series]
  /// Of the whole picture, in pixels.
  public var width = 760
  /// Of the box between the axes.
  public var plotHeight = 320

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
  public var title: String
  public var subtitle: String?
  public var x: Axis
  public var y: Axis
  public var series: [Series]
  public var width = 760
  public var plotHeight = 320

  public init(title: String, subtitle: String? = nil, x: Axis, y: Axis, series: [Series]) {
    self.title = title
    self.subtitle = subtitle
    self.x = x
    self.y = y
    self.series = series
  }

  public var drawing: Drawing { xyDrawing(self, hasLines: false) }
}
