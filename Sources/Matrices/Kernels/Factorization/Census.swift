/// What one pass over a matrix tells.
package struct Census: Sendable {
  /// Elements that are not 0.
  package var nonZeros = 0
  package var sum = 0.0
  package var sumOfSquares = 0.0
  /// The smallest element; meaningless when some are NaN.
  package var least = Double.infinity

  /// Whether every element is finite and at least 0, as far as one pass can tell: `false` may also
  /// mean that the squares are too large.
  package var isClean: Bool { sumOfSquares.isFinite && least >= 0 }
}

extension Matrix {
  /// Counts and sums over all elements in one pass, in 64 bits and a fixed order.
  package var census: Census {
    let source = rowMajor()
    switch precision {
    case .double: return Kernels.census(source, Double.self)
    case .single: return Kernels.census(source, Float.self)
    }
  }
}

extension Kernels {
  fileprivate static func census<S: Scalar>(_ matrix: Matrix, _: S.Type) -> Census {
    let count = matrix.count
    let pieces = (count + chunk - 1) / chunk
    var parts = [Census](repeating: Census(), count: pieces)
    matrix.read(S.self) { x in
      parts.withUnsafeMutableBufferPointer { parts in
        let parts = parts
        ThreadPool.shared.run(pieces) { piece in
          let end = min(count, (piece + 1) * chunk)
          var start = piece * chunk
          while start < end {
            // Short enough for sums in the precision of the elements.
            let length = min(512, end - start)
            parts[piece].add(x + start, length, S.self)
            start += length
          }
        }
      }
    }
    return parts.reduce(into: Census()) { whole, part in
      whole.nonZeros += part.nonZeros
      whole.sum += part.sum
      whole.sumOfSquares += part.sumOfSquares
      whole.least = min(whole.least, part.least)
    }
  }
}

extension Census {
  @inline(__always)
  fileprivate mutating func add<S: Scalar>(_ x: UnsafePointer<S>, _ count: Int, _: S.Type) {
    let width = S.Vector.scalarCount
    let zero = S.Vector(repeating: 0)
    var (marks, sums, squares) = (zero, zero, zero)
    var smallest = S.Vector(repeating: .infinity)
    var i = 0
    while i + width <= count {
      let v = load(x, i)
      marks += S.marks(v)
      sums += v
      squares.addProduct(v, v)
      smallest = S.smaller(v, smallest)
      i += width
    }
    for lane in 0..<width { least = min(least, Double(smallest[lane])) }
    nonZeros += Int(marks.sum())
    sum += S.widened(sums).sum()
    sumOfSquares += S.widened(squares).sum()
    while i < count {
      let v = Double(x[i])
      nonZeros += v != 0 ? 1 : 0
      sum += v
      sumOfSquares += v * v
      least = min(least, v)
      i += 1
    }
  }
}
