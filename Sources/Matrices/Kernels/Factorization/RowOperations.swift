/// `a · b` of two rows of numbers.
@inline(__always)
func dotProduct<S: Scalar>(_ a: UnsafePointer<S>, _ b: UnsafePointer<S>, _ count: Int) -> S {
  let lanes = S.Vector.scalarCount
  var sums = S.Vector(repeating: 0)
  var i = 0
  while i + lanes <= count {
    sums.addProduct(load(a, i), load(b, i))
    i += lanes
  }
  var sum = sums.sum()
  while i < count {
    sum.addProduct(a[i], b[i])
    i += 1
  }
  return sum
}

/// `y += factor · x` for two rows of numbers.
@inline(__always)
func addProduct<S: Scalar>(
  _ factor: S, _ x: UnsafePointer<S>, to y: UnsafeMutablePointer<S>, _ count: Int
) {
  let lanes = S.Vector.scalarCount
  let factors = S.Vector(repeating: factor)
  var i = 0
  while i + lanes <= count {
    var sum: S.Vector = load(UnsafePointer(y), i)
    sum.addProduct(factors, load(x, i))
    store(sum, y, i)
    i += lanes
  }
  while i < count {
    y[i].addProduct(factor, x[i])
    i += 1
  }
}
