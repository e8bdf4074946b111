extension Matrix {
  /// A whole power of a square matrix by squaring: about `2 log₂ n` products; a negative one is a
  /// power of the inverse.
  package func power(_ exponent: Int) throws -> Matrix {
    precondition(rows == columns)
    if exponent < 0 {
      return try inverse().power(-exponent)
    }
    var result = Matrix.identity(rows, precision)
    var square = self
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result = result * square }
      rest >>= 1
      if rest > 0 { square = square * square }
    }
    return result
  }
}
