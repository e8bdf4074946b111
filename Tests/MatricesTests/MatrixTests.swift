import Matrices
import Testing

/// The value itself: sharing, views, layouts.
@Suite struct MatrixTests {
  let x = Matrix([[1, 2, 3], [4, 5, 6]])

  @Test func aCopyIsIndependent() {
    var copy = x
    copy[0, 0] = 9
    #expect(x[0, 0] == 1 && copy[0, 0] == 9)
    var view = x.rows(in: 1..<2)
    view[0, 0] = 7
    #expect(x[1, 0] == 4)
    var turned = x.transposed
    turned.scale(by: 2)
    #expect(x[1, 2] == 6 && turned[2, 1] == 12)
    var whole = x
    let part = whole.rows(in: 0..<1)
    whole.fill(with: 0)
    #expect(part == Matrix(row: [1, 2, 3]))
  }

  @Test func viewsReadTheRightElements() {
    #expect(x.transposed == Matrix([[1, 4], [2, 5], [3, 6]]))
    #expect(x.transposed.rows(in: 1..<3) == Matrix([[2, 5], [3, 6]]))
    #expect(x.rows(in: 1..<2).transposed == Matrix(column: [4, 5, 6]))
    #expect(x.rows(in: 2..<2).shape == Shape(0, 3))
    #expect(x.reshaped(3, 2) == Matrix([[1, 2], [3, 4], [5, 6]]))
    #expect(x.transposed.reshaped(1, 6) == Matrix(row: [1, 4, 2, 5, 3, 6]))
    #expect(x.transposed.row(1) == [2, 5] && x.transposed.column(1) == [4, 5, 6])
    #expect(x[4] == 5 && x.transposed[1] == 4)
  }

  @Test func bigTransposesAreExact() {
    var random = Random(seed: 1)
    for (rows, columns) in [(1, 500), (500, 1), (33, 31), (257, 300), (1000, 70)] {
      for precision in Precision.allCases {
        let x = random.uniform(rows, columns, precision)
        let turned = x.transposed.rowMajor()
        for (i, j) in [(0, 0), (rows - 1, columns - 1), (rows / 2, columns / 3)] {
          #expect(turned[j, i] == x[i, j])
        }
        #expect(turned.transposed.rowMajor().isIdentical(to: x))
      }
    }
  }

  @Test func selectsAndReplaces() {
    #expect(x.selecting(rows: [1, 1, 0]) == Matrix([[4, 5, 6], [4, 5, 6], [1, 2, 3]]))
    #expect(x.transposed.selecting(columns: [1]) == Matrix(column: [4, 5, 6]))
    #expect(x.selecting(positions: [5, 0]) == Matrix(column: [6, 1]))
    var y = x
    y.replace(rows: [0], columns: [0, 2], with: Matrix(row: [7, 8]))
    #expect(y == Matrix([[7, 2, 8], [4, 5, 6]]))
    var turned = x.transposed
    turned.replace(rows: [2], columns: [0, 1], with: Matrix(0))
    #expect(turned == Matrix([[1, 4], [2, 5], [0, 0]]))
    turned.replace(positions: [0, 5], with: Matrix(row: [-1, -2]))
    #expect(turned == Matrix([[-1, 4], [2, 5], [0, -2]]))
    #expect(x == Matrix([[1, 2, 3], [4, 5, 6]]))
  }

  @Test func joinsBlocks() {
    #expect(Matrix.besides([x, x]) == Matrix([[1, 2, 3, 1, 2, 3], [4, 5, 6, 4, 5, 6]]))
    #expect(Matrix.above([x.transposed, .ones(1, 2)]).row(3) == [1, 1])
    #expect(Matrix.above([x.converted(to: .single), x]).precision == .double)
    #expect(Matrix.besides([x, .zeros(2, 0)]) == x)
    #expect(x.tiled(to: Shape(4, 6)).row(3) == [4, 5, 6, 4, 5, 6])
  }

  @Test func emptyMatricesGoThroughEverything() {
    for x in [Matrix.zeros(0, 0), .zeros(0, 3), .zeros(3, 0)] {
      #expect(x.transposed.rowMajor().shape == x.shape.transposed)
      #expect((x + x).shape == x.shape && x.mapped(.exp).shape == x.shape)
      #expect((x * x.transposed).shape == Shape(x.rows, x.rows))
      #expect(x.converted(to: .single).precision == .single && x.elements.isEmpty)
      #expect(x.sorted(along: .rows).shape == x.shape && x.distinctElements.isEmpty)
      #expect(x.cumulativeSum(along: .columns).shape == x.shape)
      #expect(x.firstNonFinite == nil && x.nonZeroPositions.isEmpty && x == x)
      if x.columns > 0 { #expect(x.softmax(along: .columns).shape == x.shape) }
    }
    #expect(Matrix.zeros(2, 0) * .zeros(0, 3) == .zeros(2, 3))
  }

  @Test func refusesWhatMemoryCannotHold() {
    #expect(Matrix.canAllocate(Shape(1000, 1000)))
    #expect(!Matrix.canAllocate(Shape(1 << 40, 1)))
    #expect(!Matrix.canAllocate(Shape(1 << 31 - 1, 1 << 31 - 1)))
    #expect(!Matrix.canAllocate(Shape(Int.max, Int.max)))
  }
}
