/// Lines of up to 64 numbers of a matrix that are mostly 0, and rows of a factor that belong to the
/// numbers: every line adds `Σ x · (row of the factor)` to its own sum.
package struct MappedLines<S>: @unchecked Sendable {
  /// For every line one bit a number, set where it is not 0.
  package let words: UnsafePointer<UInt64>
  package let count: Int
  /// The numbers, and how far apart two lines and two numbers of a line are.
  package let numbers: UnsafePointer<S>
  package let line: Int
  package let step: Int
  /// The rows of the factor, and the numbers from one to the next and from one sum to the next:
  /// whole vectors.
  package let factor: UnsafePointer<S>
  package let stride: Int
  package let sums: UnsafeMutablePointer<S>

  package init(
    words: UnsafePointer<UInt64>, count: Int, numbers: UnsafePointer<S>, line: Int, step: Int,
    factor: UnsafePointer<S>, stride: Int, sums: UnsafeMutablePointer<S>
  ) {
    (self.words, self.count, self.numbers) = (words, count, numbers)
    (self.line, self.step) = (line, step)
    (self.factor, self.stride, self.sums) = (factor, stride, sums)
  }
}
