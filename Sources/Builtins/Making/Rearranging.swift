import Autodiff
import Matrices
import Vocabulary

extension StandardLibrary {
  /// Builtins that make a value of the parts of others in another order.
  static let rearranging: [Builtin] = [
    Builtin(
      "repeat", in: .make,
      "A matrix repeated down and along; a text or a list so many times behind itself.",
      Parameter<Value>("x", "a matrix, text or list"),
      Parameter<Int>(
        "down", "how often one below the other, or one behind the other", in: .atLeast(0)),
      Parameter<Int>(
        "along", "how often side by side", default: 1, in: .atLeast(0), positional: true),
      shapes: "text → text; list → list; m×n → (down·m)×(along·n)",
      seeAlso: ["reshape", "hcat", "vcat", "kron"],
      examples: [
        Example("repeat([1, 2], 2, 2)", prints: "1  2  1  2\n1  2  1  2"),
        Example("repeat(\"ab\", 3)", prints: "\"ababab\""),
        Example("repeat({0}, 3)", prints: "{0, 0, 0}"),
      ]
    ) { x, down, along -> Value in
      switch x {
      case .text(let text):
        try needRoom(text.utf8.count, down, along, x)
        return .text(text.isEmpty ? text : String(repeating: text, count: down))
      case .list(let list):
        try needRoom(list.count * MemoryLayout<Value>.stride, down, along, x)
        var repeated: [Value] = []
        repeated.reserveCapacity(list.count * down)
        for _ in 0..<(list.isEmpty ? 0 : down) {
          try Interrupt.check()
          repeated += list
        }
        return .list(repeated)
      default:
        guard let x = Matrix.from(x) else {
          throw Problem(.type, "'x' needs a matrix, a text or a list", at: "x", label: x.label)
        }
        let (rows, tooLong) = x.rows.multipliedReportingOverflow(by: down)
        let (columns, tooWide) = x.columns.multipliedReportingOverflow(by: along)
        guard !tooLong, !tooWide else {
          throw Problem(.value, "memory has no room for so many repetitions", at: "down")
        }
        return .matrix(x.tiled(to: try Sizes.fitting(rows, columns, x.precision)))
      }
    },
    Builtin(
      "reverse", in: .make,
      "Backwards: the elements of a vector, list or text, the rows of a matrix, or its columns.",
      Parameter<Value>("x", "a matrix, list or text"), Parameter.direction,
      shapes: "text → text; list → list; m×n → m×n", seeAlso: ["sort", "shuffle"],
      examples: [
        Example("reverse(1:3)", prints: "3  2  1"),
        Example("reverse([1, 2; 3, 4])", prints: "3  4\n1  2"),
        Example("reverse([1, 2; 3, 4], dim=2)", prints: "2  1\n4  3"),
        Example("reverse(\"abc\")", prints: "\"cba\""),
      ]
    ) { x, dimension -> Value in
      switch x {
      case .text(let text): return .text(String(text.reversed()))
      case .list(let list): return .list(list.reversed())
      default:
        guard let matrix = Matrix.from(x) else {
          throw Problem(.type, "'x' needs a matrix, a list or a text", at: "x", label: x.label)
        }
        switch axis(dimension, of: matrix) {
        case .rows: return .matrix(matrix.selecting(rows: (0..<matrix.rows).reversed()))
        case .columns: return .matrix(matrix.selecting(columns: (0..<matrix.columns).reversed()))
        }
      }
    },
    Builtin(
      "kron", in: .make,
      "The Kronecker product: the second matrix in the place of every element of the first, times it.",
      Parameter<Matrix>("a", "the elements that multiply"),
      Parameter<Matrix>("b", "the matrix that is repeated"),
      shapes: "m×n, p×q → (m·p)×(n·q)", math: "vec(B X Aᵀ) = (A ⊗ B) vec(X)",
      seeAlso: ["repeat", "dot"],
      examples: [
        Example("kron([1, 2], [1; 10])", prints: " 1   2\n10  20"),
        Example("kron(eye(2), [1, 2])", prints: "1  2  0  0\n0  0  1  2"),
      ]
    ) { a, b -> Matrix in try kronecker(Trace(a), Trace(b)).value.matrix },
    triangle(
      "tril", "below", isLower: true, other: "triu",
      [
        Example("tril([1, 2; 3, 4])", prints: "1  0\n3  4"),
        Example("tril([1, 2; 3, 4], -1)", prints: "0  0\n3  0"),
      ]),
    triangle(
      "triu", "above", isLower: false, other: "tril",
      [
        Example("triu([1, 2; 3, 4])", prints: "1  2\n0  4"),
        Example("triu([1, 2; 3, 4], 1)", prints: "0  2\n0  0"),
      ]),
  ]

  private static func triangle(
    _ name: String, _ side: String, isLower: Bool, other: String, _ examples: [Example]
  ) -> Builtin {
    Builtin(
      name, in: .make, "The elements on the diagonal and \(side) it; zeros elsewhere.",
      Parameter<Matrix>("x", "a matrix"),
      Parameter<Int>(
        "diagonal", "the last diagonal kept: 1 lies right of the main one, −1 left of it",
        default: 0, positional: true),
      shapes: "m×n → m×n", seeAlso: [other, "diag"], examples: examples
    ) { x, diagonal in x.triangle(isLower: isLower, from: diagonal) }
  }

  /// `A ⊗ B`, if memory has room for it.
  static func kronecker(_ a: Trace, _ b: Trace) throws -> Trace {
    let (a, b) = (a.asMatrix, b.asMatrix)
    let (m, n, p, q) = (a.shape.rows, a.shape.columns, b.shape.rows, b.shape.columns)
    let (rows, tooLong) = m.multipliedReportingOverflow(by: p)
    let (columns, tooWide) = n.multipliedReportingOverflow(by: q)
    guard !tooLong, !tooWide else {
      throw Problem(.value, "memory has no room for so large a product", at: "a")
    }
    let isSingle = [a, b].allSatisfy { $0.value.precision == .single }
    _ = try Sizes.fitting(rows, columns, isSingle ? .single : .double)
    return a.picked(rows: (0..<rows).map { $0 / p }, columns: (0..<columns).map { $0 / q })
      .* b.picked(rows: (0..<rows).map { $0 % p }, columns: (0..<columns).map { $0 % q })
  }

  /// Refuses more repetitions of a text or list than memory has room for, and those side by side.
  private static func needRoom(_ bytes: Int, _ down: Int, _ along: Int, _ x: Value) throws {
    guard along == 1 else {
      throw Problem(
        .value, "only a matrix is repeated side by side", at: "along", label: "the number \(along)")
    }
    let (total, overflow) = bytes.multipliedReportingOverflow(by: down)
    guard !overflow, Memory.hasRoom(for: total) else {
      throw Problem(
        .value, "memory has no room for so many repetitions", at: "down",
        label: "the number \(down)")
    }
  }
}
