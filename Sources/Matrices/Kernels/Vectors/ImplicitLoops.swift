import KernelTables

/// The loops of implicit factorizations.
extension Kernels {
  /// Some steps of conjugate gradients from where w is. The rest of the equations is kept as the
  /// steps go, so that n steps walk the entries n + 1 times.
  static func approachImplicit<S: VectorScalar>(_ line: ImplicitLine<S>, steps: Int) {
    let stride = line.stride
    let (rest, direction, image) = (line.room, line.room + stride, line.room + 2 * stride)
    let x = UnsafePointer(line.w)
    addGram(line, x, into: image)
    add(S(line.penalty), x, to: image, stride)
    scale(UnsafePointer(image), by: -1, into: rest, stride)
    let entries = LineEntries(line)
    @inline(__always) func rests(_ place: Int, _ left: Int, _ products: SIMD4<S>) -> SIMD4<S> {
      let known = confidences(line, place, left)
      return known - (known - line.unobserved) * products
    }
    @inline(__always) func images(_ place: Int, _ left: Int, _ products: SIMD4<S>) -> SIMD4<S> {
      (confidences(line, place, left) - line.unobserved) * products
    }
    _ = addEntries(entries, x, to: rest, rests)
    direction.update(from: rest, count: stride)
    var square = dot(UnsafePointer(rest), UnsafePointer(rest), stride)
    for _ in 0..<steps where square > 1e-20 {
      let ahead = UnsafePointer(direction)
      addGram(line, ahead, into: image)
      add(S(line.penalty), ahead, to: image, stride)
      _ = addEntries(entries, ahead, to: image, images)
      let length = square / dot(ahead, UnsafePointer(image), stride)
      guard length.isFinite else { return }
      add(length, ahead, to: line.w, stride)
      add(-length, UnsafePointer(image), to: rest, stride)
      let next = dot(UnsafePointer(rest), UnsafePointer(rest), stride)
      turn(direction, keeping: next / square, to: UnsafePointer(rest), stride)
      square = next
    }
  }

  /// `Σ c (1 − ŷ)² − α₀ ŷ²` over the entries of a line.
  static func implicitLoss<S: VectorScalar>(_ line: ImplicitLine<S>) -> Double {
    let entries = LineEntries(line)
    guard let confidences = line.confidences else { return 0 }
    let alpha = Double(line.unobserved)
    var sums = SIMD4<Double>()
    var i = 0
    while i < entries.count {
      let predictions = products(entries.four(from: i), UnsafePointer(line.w), line.stride)
      if line.count - i >= 4 {
        let c = SIMD4(confidences[i], confidences[i + 1], confidences[i + 2], confidences[i + 3])
        let y = SIMD4(
          Double(predictions[0]), Double(predictions[1]), Double(predictions[2]),
          Double(predictions[3]))
        sums += c * (1 - y) * (1 - y) - alpha * y * y
      } else {
        for lane in 0..<line.count - i {
          let y = Double(predictions[lane])
          sums[0] += confidences[i + lane] * (1 - y) * (1 - y) - alpha * y * y
        }
      }
      i += 4
    }
    return sums.sum()
  }

  /// Up to four confidences, and zeros behind them.
  @inline(__always)
  private static func confidences<S: VectorScalar>(
    _ line: ImplicitLine<S>, _ i: Int, _ left: Int
  ) -> SIMD4<S> {
    guard let c = line.confidences else { return SIMD4() }
    if left >= 4 { return SIMD4(S(c[i]), S(c[i &+ 1]), S(c[i &+ 2]), S(c[i &+ 3])) }
    var known = SIMD4<S>()
    for lane in 0..<left { known[lane] = S(c[i &+ lane]) }
    return known
  }

  /// `y = α₀HᵀH x`, four vectors of y at a time, which stay in registers.
  @inline(__always)
  private static func addGram<S: VectorScalar>(
    _ line: ImplicitLine<S>, _ x: UnsafePointer<S>, into y: UnsafeMutablePointer<S>
  ) {
    let (width, stride) = (S.Vector.scalarCount, line.stride)
    var column = 0
    while column &+ 4 &* width <= stride {
      var (a, b, c, d) = (S.Vector(), S.Vector(), S.Vector(), S.Vector())
      var row = line.gram + column
      for place in 0..<stride {
        let share = S.Vector(repeating: x[place])
        a.addProduct(share, load(row, 0))
        b.addProduct(share, load(row, width))
        c.addProduct(share, load(row, 2 &* width))
        d.addProduct(share, load(row, 3 &* width))
        row += stride
      }
      store(a, y, column)
      store(b, y, column &+ width)
      store(c, y, column &+ 2 &* width)
      store(d, y, column &+ 3 &* width)
      column &+= 4 &* width
    }
    while column < stride {
      var (a, b) = (S.Vector(), S.Vector())
      var row = line.gram + column
      var place = 0
      // Whole vectors: an even number of rows.
      while place < stride {
        a.addProduct(S.Vector(repeating: x[place]), load(row, 0))
        b.addProduct(S.Vector(repeating: x[place &+ 1]), load(row, stride))
        row += 2 &* stride
        place &+= 2
      }
      store(a + b, y, column)
      column &+= width
    }
  }
}

extension Kernels.LineEntries {
  /// Those of a line of an implicit factorization.
  @inline(__always)
  init(_ line: ImplicitLine<S>) {
    self.init(factor: line.factor, places: line.places, count: line.count, stride: line.stride)
  }
}
