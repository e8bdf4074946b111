/// When the next frame is due: often enough to look alive, seldom enough that training does not
/// notice and a slow line keeps up.
package struct FramePacer: Sendable {
  /// Whether the terminal is far away.
  package var isRemote: Bool
  package private(set) var lastFrame = -Double.infinity
  private var notBefore = -Double.infinity
  private var lastPicture = -Double.infinity
  private var lastCost = 0.0

  package init(isRemote: Bool = false) { self.isRemote = isRemote }

  /// Seconds between frames: ten a second, four over a network, one while nothing moves; half as
  /// many when the terminal takes its time.
  package func interval(isPaused: Bool) -> Double {
    let usual = isPaused ? 1.0 : isRemote ? 0.25 : 0.1
    return lastCost > 0.03 ? max(2 * usual, 4 * lastCost) : usual
  }

  /// Seconds until the next frame; 0 when it is due.
  package func wait(now: Double, isPaused: Bool) -> Double {
    max(0, max(lastFrame + interval(isPaused: isPaused), notBefore) - now)
  }

  /// Notes that a frame was drawn.
  package mutating func drew(at now: Double, cost: Double) {
    lastFrame = now
    lastCost = cost
  }

  /// Notes that a frame was due but there was nothing new to draw.
  package mutating func postpone(from now: Double) { notBefore = now + interval(isPaused: false) }

  /// Whether to ask for a picture now: at most four a second, because the training thread makes
  /// the copy.
  package mutating func wantsPicture(now: Double) -> Bool {
    guard now - lastPicture >= 0.25 else { return false }
    lastPicture = now
    return true
  }
}
