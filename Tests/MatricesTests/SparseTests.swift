import Matrices
import Testing

/// Sparse matrices do what the full ones do.
@Suite struct SparseTests {
  /// Some zeros, an empty row and an empty column, in both precisions.
  static func sample(
    _ rows: Int, _ columns: Int, _ precision: Precision = .double, seed: UInt64 = 3
  )
    -> Matrix
  {
    var random = Random(seed: seed)
    var x = (random.uniform(rows, columns, precision) - 0.7).clamped(0, .infinity)
    for column in 0..<columns { x[rows / 2, column] = 0 }
    for row in 0..<rows { x[row, columns / 3] = 0 }
    x[0, columns - 1] = -2.5
    return x
  }

  @Test(arguments: [Precision.single, .double])
  func fullIsTheWayBack(_ precision: Precision) {
    let x = Self.sample(37, 21, precision)
    let s = SparseMatrix(x)
    #expect(s.precision == precision && s.shape == x.shape)
    #expect(s.count == Int(x.total(.count)))
    #expect(s.full.isIdentical(to: x))
    #expect(s.transposed.full == x.transposed)
    #expect(s.transposed.transposed.full == x)
    #expect(SparseMatrix(x.transposed).full == x.transposed)
    #expect(s.rows(in: 5..<30) == x.rows(in: 5..<30))
    #expect(s[0, 20] == -2.5 && s[18, 3] == 0)
    #expect(s.transposed[20, 0] == -2.5)
  }

  @Test func tripletsComeInAnyOrderAndAreAdded() {
    let s = SparseMatrix(
      Shape(3, 4), rows: [2, 0, 2, 1, 0, 2], columns: [3, 1, 3, 0, 0, 1],
      values: [1, 5, 2, 4, -4, 7])
    #expect(s.full == Matrix([[-4, 5, 0, 0], [4, 0, 0, 0], [0, 7, 0, 3]]))
    #expect(s.count == 5)
    let gone = SparseMatrix(Shape(2, 2), rows: [1, 1], columns: [0, 0], values: [3, -3])
    #expect(gone.count == 0 && gone.full == .zeros(2, 2))
    let (rows, columns, values) = s.triplets
    #expect(rows == [0, 0, 1, 2, 2] && columns == [0, 1, 0, 1, 3] && values == [-4, 5, 4, 7, 3])
  }

  @Test func emptyMatricesAreNoTrouble() {
    for shape in [Shape(0, 0), Shape(0, 5), Shape(4, 0), Shape(3, 2)] {
      let s = SparseMatrix(shape, rows: [], columns: [], values: [])
      #expect(s.count == 0 && s.full == .zeros(shape.rows, shape.columns))
      #expect(s.times(.ones(shape.columns, 3)) == .zeros(shape.rows, 3))
      #expect(s.transposedTimes(.ones(shape.rows, 3)) == .zeros(shape.columns, 3))
      #expect(s.reduced(.sum, along: .rows) == .zeros(1, shape.columns))
      #expect(s.reduced(.sum, along: .columns) == .zeros(shape.rows, 1))
    }
  }

  @Test(arguments: [Precision.single, .double])
  func productsAreThoseOfTheFullMatrix(_ precision: Precision) {
    var random = Random(seed: 24)
    let x = Self.sample(300, 170, precision)
    let s = SparseMatrix(x)
    let tolerance = precision == .single ? 1e-4 : 1e-12
    for rank in [1, 7, 8, 16, 33, 50, 65] {
      let (w, h) = (random.uniform(300, rank, precision), random.uniform(170, rank, precision))
      #expect(s.times(h).isClose(to: x * h, relative: tolerance, absolute: tolerance))
      #expect(
        s.transposedTimes(w).isClose(to: x.transposed * w, relative: tolerance, absolute: tolerance)
      )
      #expect(s.transposed.times(w).isIdentical(to: s.transposedTimes(w)))
    }
  }

  @Test func aFactorLargerThanTheCacheIsCutIntoBlocks() {
    // 40 elements a row, and a factor of 3 MB.
    var random = Random(seed: 5)
    let (rows, columns) = (200, 6000)
    var (at, to): ([Int32], [Int32]) = ([], [])
    for row in 0..<rows {
      for _ in 0..<120 {
        at.append(Int32(row))
        to.append(Int32(random.below(columns)))
      }
    }
    let values = random.uniform(1, at.count).elements
    let s = SparseMatrix(Shape(rows, columns), rows: at, columns: to, values: values)
    let f = random.normal(columns, 64)
    #expect(s.times(f).isClose(to: s.full * f, relative: 1e-11, absolute: 1e-11))
  }

  @Test(arguments: [Precision.single, .double])
  func reductionsCountTheZeros(_ precision: Precision) {
    for x in [
      Self.sample(31, 19, precision), Matrix.ones(4, 3, precision),
      Matrix([[-1, -2], [-3, -4]]).converted(to: precision),
    ] {
      for (s, x) in [
        (SparseMatrix(x), x), (SparseMatrix(x).transposed, x.transposed.rowMajor()),
      ] {
        for reduction in Reduction.allCases {
          let expected = x.total(reduction)
          #expect(abs(s.total(reduction) - expected) <= 1e-5 * abs(expected))
          for axis in Axis.allCases {
            #expect(
              s.reduced(reduction, along: axis).isClose(
                to: x.reduced(reduction, along: axis), relative: 1e-5, absolute: 1e-7))
          }
        }
        #expect(abs(s.frobeniusNorm - x.frobeniusNorm) < 1e-5)
        #expect(s.census.least == x.census.least && s.census.nonZeros == x.census.nonZeros)
      }
    }
  }

  @Test func partsAreThoseOfTheFullMatrix() {
    let x = Self.sample(20, 12)
    let s = SparseMatrix(x)
    #expect(s.selecting(rows: [3, 3, 0, 19]).full == x.selecting(rows: [3, 3, 0, 19]))
    #expect(s.selecting(columns: [11, 2]).full == x.selecting(columns: [11, 2]))
    #expect(s.slice(rows: 4..<9).full == x.rows(in: 4..<9))
    #expect(s.first { $0 < 0 }?.row == 0 && s.first { $0 < 0 }?.column == 11)
    #expect(s.first { $0 > 9 } == nil)
  }

  @Test(arguments: [Precision.single, .double])
  func whatKeepsZerosIsCalculatedWhereSomethingIsStored(_ precision: Precision) {
    let (x, y) = (Self.sample(30, 17, precision), Self.sample(30, 17, seed: 4))
    let (a, b) = (SparseMatrix(x), SparseMatrix(y))
    for operation in ElementwiseOperation.allCases where SparseMatrix.keepsZeros(operation) {
      let expected = Matrix.combine(operation, x, y)
      for s in [a, SparseMatrix(x.transposed).transposed] {
        let sparse = SparseMatrix.combine(operation, s, b)
        #expect(sparse.full == expected && sparse.count == Int(expected.total(.count)))
      }
    }
    let column = Matrix(column: (1...30).map(Double.init))
    let row = Matrix(row: (1...17).map(Double.init))
    for other in [column, row, y + 9, Matrix(3)] {
      for s in [a, SparseMatrix(x.transposed).transposed] {
        #expect(
          SparseMatrix.combine(.multiply, s, other).full == Matrix.combine(.multiply, x, other))
      }
    }
    #expect(SparseMatrix.combine(.greater, a, 0.1).full == Matrix.combine(.greater, x, 0.1))
    #expect(a.mapped(.square).full == x.mapped(.square))
    let mask = SparseMatrix.combine(.greater, b, 0)
    #expect(a.choosing(where: mask).full == Matrix.choose(mask.full, x, Matrix(0)))
    #expect(a.selecting(mask) == x.selecting(positions: mask.full.nonZeroPositions))
    #expect(SparseMatrix.above([a, b]).full == Matrix.above([x.converted(to: .double), y]))
  }

  @Test func theProductOfTwoIsSparse() {
    let (x, y) = (Self.sample(60, 23), Self.sample(23, 41, seed: 5))
    let product = SparseMatrix.product(SparseMatrix(x), SparseMatrix(y))
    #expect(product.full.isClose(to: x * y, relative: 1e-12, absolute: 1e-12))
    let none = SparseMatrix.product(SparseMatrix(Matrix.zeros(3, 4)), SparseMatrix(.ones(4, 2)))
    #expect(none.count == 0 && none.shape == Shape(3, 2))
    #expect(SparseMatrix.canMultiply(SparseMatrix(x), SparseMatrix(y)))
  }

  @Test func theBitsDoNotDependOnTheThreads() {
    var random = Random(seed: 6)
    let x = SparseMatrix((random.uniform(900, 700) - 0.9).clamped(0, .infinity))
    let (f, g) = (random.normal(700, 9), random.normal(900, 9))
    let run = { [x.times(f), x.transposedTimes(g), x.reduced(.sum, along: .columns)] }
    let many = run()
    for place in many.indices {
      var alone = Matrix.zeros(0, 0)
      ThreadPool.shared.run(2) { piece in if piece == 0 { alone = run()[place] } }
      #expect(alone.isIdentical(to: many[place]))
    }
  }
}
