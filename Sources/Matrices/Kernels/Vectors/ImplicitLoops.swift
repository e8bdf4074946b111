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
    merge(image, x, stride) { [penalty = S(line.penalty)] in
      $0.addingProduct(S.Vector(repeating: penalty), $1)
    }
    transform(UnsafePointer(image), rest, stride) { S.Vector() - $0 }
    let entries = LineEntries(line)
    _ = addEntries(entries, x, to: rest) { place, left, products in
      let known = confidences(line, place, left)
      return known - (known - line.unobserved) * products
    }
    direction.update(from: rest, count: stride)
    var square = dot(UnsafePointer(rest), UnsafePointer(rest), stride)
    for _ in 0..<steps where square > 1e-20 {
      let ahead = UnsafePointer(direction)
      addGram(line, ahead, into: image)
      merge(image, ahead, stride) { [penalty = S(line.penalty)] in
        $0.addingProduct(S.Vector(repeating: penalty), $1)
      }
      _ = addEntries(entries, ahead, to: image) { place, left, products in
        (confidences(line, place, left) - line.unobserved) * products
      }
      let length = square / dot(ahead, UnsafePointer(image), stride)
      guard length.isFinite else { return }
      let forward = S.Vector(repeating: length)
      merge(line.w, ahead, stride) { $0.addingProduct(forward, $1) }
      merge(rest, UnsafePointer(image), stride) { $0.addingProduct(-forward, $1) }
      let next = dot(UnsafePointer(rest), UnsafePointer(rest), stride)
      let share = S.Vector(repeating: next / square)
      merge(direction, UnsafePointer(rest), stride) { $1.addingProduct(share, $0) }
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
