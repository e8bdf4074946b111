import Matrices
import Testing

/// A matrix as a picture of another size.
@Suite struct ResamplingTests {
  @Test func shrinkingAverages() {
    let x = Matrix([[1, 3, 5, 7], [1, 3, 5, 7]])
    #expect(x.resampled(to: Shape(1, 2)) == Matrix([[2, 6]]))
    #expect(x.resampled(to: Shape(1, 1)) == Matrix([[4]]))
  }

  @Test func partsOfElementsCountByTheirShare() {
    let x = Matrix([[0, 3, 6]])
    #expect(x.resampled(to: Shape(1, 2)).isClose(to: Matrix([[1, 5]])))
  }

  @Test func growingRepeats() {
    let x = Matrix([[1, 2], [3, 4]])
    let wanted = Matrix([[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]])
    #expect(x.resampled(to: Shape(4, 4)) == wanted)
  }

  @Test func transposesAndFloatsGiveTheSame() {
    let x = Matrix(6, 10, (0..<60).map { Double($0 * 7 % 11) })
    for method in Resampling.allCases {
      let small = x.resampled(to: Shape(4, 3), by: method)
      #expect(x.transposed.resampled(to: Shape(3, 4), by: method).isClose(to: small.transposed))
      #expect(x.converted(to: .single).resampled(to: Shape(4, 3), by: method).isClose(to: small))
    }
  }

  @Test func theMeanOfAllIsKept() {
    let x = Matrix(97, 53, (0..<97 * 53).map { Double($0 % 17) })
    let mean = x.elements.reduce(0, +) / Double(x.count)
    let small = x.resampled(to: Shape(10, 7)).elements
    #expect(abs(small.reduce(0, +) / 70 - mean) < 1e-9)
  }

  @Test func whatIsNotFiniteIsLeftOut() {
    let x = Matrix([[1, .nan, .infinity, .nan]])
    #expect(x.resampled(to: Shape(1, 2))[0] == 1)
    #expect(x.resampled(to: Shape(1, 2))[1].isNaN)
    #expect(x.finiteBounds.bounds == 1...1)
    #expect(x.finiteBounds.others == 3)
    #expect(Matrix([[.nan]]).finiteBounds.bounds == nil)
  }

  @Test func aSpikeStaysVisibleAsPeak() {
    var x = Matrix.zeros(1000, 1000)
    x[123, 456] = -5
    #expect(x.resampled(to: Shape(10, 10), by: .peak).finiteBounds.bounds == -5...0)
  }
}
