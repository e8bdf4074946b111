import KernelTables

/// The loops of implicit factorizations. Entries are taken four at a time: their products with a row
/// are added up together, and the row they are added to is loaded and stored once for all of them.
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
    addEntries(line, x, to: rest) { $0 - ($0 - line.unobserved) * $1 }
    direction.update(from: rest, count: stride)
    var square = dot(UnsafePointer(rest), UnsafePointer(rest), stride)
    for _ in 0..<steps where square > 1e-20 {
      let ahead = UnsafePointer(direction)
      addGram(line, ahead, into: image)
      merge(image, ahead, stride) { [penalty = S(line.penalty)] in
        $0.addingProduct(S.Vector(repeating: penalty), $1)
      }
      addEntries(line, ahead, to: image) { ($0 - line.unobserved) * $1 }
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
    guard let places = line.places, let confidences = line.confidences else { return 0 }
    let alpha = Double(line.unobserved)
    var sums = SIMD4<Double>()
    var i = 0
    while i < line.count {
      let predictions = products(
        Quartet(line.factor, places + i, line.count - i, line.stride), UnsafePointer(line.w),
        line.stride)
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

  /// Four rows of a factor, or as many as are left: the last one stands in for what is missing.
  private struct Quartet<S> {
    let a, b, c, d: UnsafePointer<S>

    @inline(__always)
    init(_ factor: UnsafePointer<S>, _ places: UnsafePointer<Int32>, _ count: Int, _ stride: Int) {
      a = factor + Int(places[0]) &* stride
      b = factor + Int(places[min(1, count - 1)]) &* stride
      c = factor + Int(places[min(2, count - 1)]) &* stride
      d = factor + Int(places[min(3, count - 1)]) &* stride
    }
  }

  @inline(__always)
  private static func products<S: VectorScalar>(
    _ rows: Quartet<S>, _ x: UnsafePointer<S>, _ stride: Int
  ) -> SIMD4<S> {
    var (a, b, c, d) = (S.Vector(), S.Vector(), S.Vector(), S.Vector())
    var i = 0
    while i < stride {
      let vector: S.Vector = load(x, i)
      a.addProduct(vector, load(rows.a, i))
      b.addProduct(vector, load(rows.b, i))
      c.addProduct(vector, load(rows.c, i))
      d.addProduct(vector, load(rows.d, i))
      i &+= S.Vector.scalarCount
    }
    return S.sums(a, b, c, d)
  }

  /// `y += Σ f(c, h·x) h` over the entries of a line.
  @inline(__always)
  private static func addEntries<S: VectorScalar>(
    _ line: ImplicitLine<S>, _ x: UnsafePointer<S>, to y: UnsafeMutablePointer<S>,
    _ f: (SIMD4<S>, SIMD4<S>) -> SIMD4<S>
  ) {
    guard let places = line.places, let confidences = line.confidences else { return }
    let stride = line.stride
    var i = 0
    while i < line.count {
      let left = line.count &- i
      let rows = Quartet(line.factor, places + i, left, stride)
      var known = SIMD4<S>()
      if left >= 4 {
        known = SIMD4(
          S(confidences[i]), S(confidences[i &+ 1]), S(confidences[i &+ 2]), S(confidences[i &+ 3]))
      } else {
        for lane in 0..<left { known[lane] = S(confidences[i &+ lane]) }
      }
      var shares = f(known, products(rows, x, stride))
      if left < 4 { shares.replace(with: 0, where: SIMD4(0, 1, 2, 3) .>= S(left)) }
      let (a, b) = (S.Vector(repeating: shares[0]), S.Vector(repeating: shares[1]))
      let (c, d) = (S.Vector(repeating: shares[2]), S.Vector(repeating: shares[3]))
      var j = 0
      while j < stride {
        var sum: S.Vector = load(UnsafePointer(y), j)
        sum.addProduct(a, load(rows.a, j))
        sum.addProduct(b, load(rows.b, j))
        sum.addProduct(c, load(rows.c, j))
        sum.addProduct(d, load(rows.d, j))
        store(sum, y, j)
        j &+= S.Vector.scalarCount
      }
      i &+= 4
    }
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

  @inline(__always)
  private static func dot<S: VectorScalar>(
    _ x: UnsafePointer<S>, _ y: UnsafePointer<S>, _ stride: Int
  ) -> S {
    var sums = S.Vector()
    var i = 0
    while i < stride {
      sums.addProduct(load(x, i), load(y, i))
      i &+= S.Vector.scalarCount
    }
    return S.sums(sums, S.Vector(), S.Vector(), S.Vector())[0]
  }
}
