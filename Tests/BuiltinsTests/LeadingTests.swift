import Builtins
import Matrices
import Testing
import Vocabulary

/// svd and pca of a few values, by whichever way they take, against all values by LAPACK.
@Suite struct LeadingTests {
  private let caller = Caller()

  /// Matrices whose values fall slowly, fall fast, or end.
  private static let matrices: [String: Matrix] = {
    var random = Random(seed: 91)
    let noise = random.normal(420, 300)
    let planted = random.uniform(420, 3) * random.uniform(3, 300)
    return [
      "noise": noise, "wide noise": noise.transposed, "planted": planted,
      "planted in noise": planted + 0.01 * noise, "far from 0": noise + 1e5,
      "tiny": 1e-140 * noise, "huge": 1e120 * noise, "zeros": .zeros(420, 300),
      "constant": .ones(300, 420), "32 bits": noise.converted(to: .single),
      "wide in 32 bits": noise.transposed.converted(to: .single),
    ]
  }()

  private func matrix(_ value: Value, _ name: String) throws -> Matrix {
    if case .object(let object) = value {
      return try #require(object.field(name).flatMap(Matrix.from))
    }
    return try #require(Record.from(value)?[name].flatMap(Matrix.from))
  }

  @Test(arguments: matrices.keys.sorted(), [5, 120])
  func aFewValuesAreThoseOfAll(_ name: String, _ rank: Int) throws {
    let x = try #require(Self.matrices[name])
    let count = Value.number(Double(rank))
    let some = try caller.call("svd", .matrix(x), count)
    let all = try caller.call("svd", .matrix(x), count, named: ["method": .text("full")])
    let (u, s, v) = try (matrix(some, "U"), matrix(some, "S"), matrix(some, "V"))
    let exact = try matrix(all, "S")
    let isSingle = x.precision == .single
    let largest = max(exact[0, 0], 1e-300)
    let tolerance = isSingle ? 1e-5 : 1e-11
    #expect(u.shape == Shape(x.rows, rank) && v.shape == Shape(x.columns, rank))
    #expect(u.precision == x.precision && s.precision == x.precision)
    #expect((s - exact).mapped(.abs).total(.maximum) <= tolerance * largest)
    for basis in [u, v] {
      let gram = basis.transposed * basis
      #expect(
        (gram - .identity(rank).converted(to: x.precision)).mapped(.abs).total(.maximum)
          < (isSingle ? 1e-4 : 1e-10))
    }
    let rest = (x.transposed / largest) * u - v.times(s.transposed / largest)
    #expect(rest.mapped(.abs).total(.maximum) < tolerance)
    for r in 0..<rank {
      let column = u.column(r)
      #expect((column.max() ?? 0) >= -(column.min() ?? 0) * (1 - 1e-6))
    }
  }

  @Test(arguments: matrices.keys.sorted().filter { $0 != "tiny" && $0 != "huge" }, [5, 120])
  func componentsAreThoseOfAll(_ name: String, _ rank: Int) throws {
    let x = try #require(Self.matrices[name])
    let count = Value.number(Double(rank))
    let some = try caller.call("pca", .matrix(x), count)
    let all = try caller.call("pca", .matrix(x), count, named: ["method": .text("full")])
    let tolerance = x.precision == .single ? 1e-4 : 1e-9
    let scale = max(try matrix(all, "variance")[0, 0], 1e-300)
    for field in ["variance", "explained", "mean"] {
      let (own, exact) = try (matrix(some, field), matrix(all, field))
      let unit = field == "variance" ? scale : max(exact.mapped(.abs).total(.maximum), 1)
      #expect((own - exact).mapped(.abs).total(.maximum) <= tolerance * unit)
    }
    let (codes, components) = try (matrix(some, "codes"), matrix(some, "components"))
    #expect(codes.shape == Shape(x.rows, rank) && components.shape == Shape(rank, x.columns))
    // The codes are what the rows have along the components.
    let mean = try matrix(some, "mean")
    let along = Matrix.combine(.subtract, x, mean) * components.transposed
    let size = max(codes.mapped(.abs).total(.maximum), x.mapped(.abs).total(.maximum), 1)
    #expect((along - codes).mapped(.abs).total(.maximum) < 1e2 * tolerance * size)
  }

  @Test func aSparseMatrixIsRebuiltAsTheSameFullOne() throws {
    let x = try #require(Self.matrices["planted"])
    let model = try caller.call("pca", .matrix(x), .number(3))
    let sparse = try caller.call("sparse", .matrix(x))
    let full = try #require(Matrix.from(caller.call("predict", model, .matrix(x))))
    let rebuilt = try #require(Matrix.from(caller.call("predict", model, sparse)))
    #expect((full - rebuilt).frobeniusNorm < 1e-10 * full.frobeniusNorm)
  }
}
