/// Lines of a sparse matrix: every one adds `Σ x · (row of the factor)` over its elements to its own
/// sum.
package struct GatheredLines<S>: @unchecked Sendable {
  package let lines: Range<Int>
  /// Where the elements of every line begin and end.
  package let begins: UnsafePointer<Int>
  package let ends: UnsafePointer<Int>
  /// The elements: which row of the factor belongs to it, and the number.
  package let places: UnsafePointer<Int32>
  package let values: UnsafePointer<S>
  /// The rows of the factor, and the numbers from one to the next and from one sum to the next: whole
  /// vectors.
  package let factor: UnsafePointer<S>
  package let stride: Int
  /// The sum of the first line.
  package let sums: UnsafeMutablePointer<S>

  package init(
    lines: Range<Int>, begins: UnsafePointer<Int>, ends: UnsafePointer<Int>,
    places: UnsafePointer<Int32>, values: UnsafePointer<S>, factor: UnsafePointer<S>, stride: Int,
    sums: UnsafeMutablePointer<S>
  ) {
    (self.lines, self.begins, self.ends) = (lines, begins, ends)
    (self.places, self.values) = (places, values)
    (self.factor, self.stride, self.sums) = (factor, stride, sums)
  }
}
