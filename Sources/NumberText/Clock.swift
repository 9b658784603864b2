/// A time left or spent, rounded up to seconds: `1:05`, `2:03:00`.
public func clock(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e7 else { return "?" }
  let whole = Int(seconds.rounded(.up))
  let (h, m, s) = (whole / 3600, whole / 60 % 60, whole % 60)
  let tail = (h > 0 && m < 10 ? "0" : "") + "\(m):" + (s < 10 ? "0" : "") + "\(s)"
  return h > 0 ? "\(h):" + tail : tail
}
