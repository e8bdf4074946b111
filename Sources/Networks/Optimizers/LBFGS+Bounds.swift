import Matrices

extension LBFGS {
  /// One step from a place within bounds, to one within them: two-metric projection (Bertsekas 1982;
  /// Schmidt, Kim & Sra, "Projected Newton-type methods in machine learning", 2011).
  ///
  /// Parameters that a bound stops on their way down stay; the others move along `−H g`, with H of
  /// these alone, and are led back to the bounds that they cross. The step is halved, or taken where
  /// a parabola is lowest, until the loss falls by a part of what the gradient promises.
  func advance(
    from place: Place, within bounds: Bounds, state: Block, count: inout Int,
    evaluate: (Matrix) throws -> Place
  ) throws -> Move {
    let free = bounds.free(at: place.x, place.gradient)
    let gradient = place.gradient.times(free)
    while true {
      var direction = direction(gradient, state, count, free: free)
      if !(direction.dot(gradient) < 0) {
        count = 0
        direction = -1 * gradient
      }
      guard direction.dot(gradient) < 0 else { return .still }
      let sum = count == 0 ? gradient.mapped(.abs).total(.sum) : 0
      var step = count == 0 ? rate * min(1, 1 / sum) : rate
      for _ in 0..<evaluations {
        let x = bounds.nearest(to: place.x + step * direction)
        let promise = place.gradient.dot(x - place.x)
        guard promise < 0 else { break }
        let found = try evaluate(x)
        if found.loss.isFinite, found.loss <= place.loss + 1e-4 * promise {
          remember(place, found, along: direction, in: state, &count)
          return .moved(found)
        }
        let lowest = -promise / (2 * (found.loss - place.loss - promise))
        step *= lowest.isFinite ? min(max(lowest, 0.1), 0.5) : 0.5
      }
      // The curvature may mislead: once more along the gradient alone.
      if count == 0 { return .still }
      count = 0
    }
  }
}
