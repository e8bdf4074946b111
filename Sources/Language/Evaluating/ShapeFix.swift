import Matrices
import Vocabulary

/// Computes what would make the shapes of an operation fit: factors swapped, a transpose put in or
/// taken away, a dotted operator. What it offers has the right shape.
enum ShapeFix {
  private struct Candidate {
    var code: String
    var shape: Shape
    var how: Fault.Fix.How
  }

  static func find(
    _ operation: Operator, left: Node, _ a: Shape?, right: Node, _ b: Shape?,
    wanted: (code: String, shape: Shape)?
  ) -> Fault.Fix? {
    guard let a, let b else { return nil }
    let candidates: [Candidate] =
      switch operation {
      case .multiply: products(left, a, right, b)
      case .add, .subtract, .dotTimes, .dotOver, .dotPlus, .dotMinus, .remainder:
        sums(operation, left, a, right, b)
      default: []
      }
    if let wanted, let best = candidates.first(where: { $0.shape == wanted.shape }) {
      return Fault.Fix(code: best.code, shape: best.shape, how: best.how, wantedBy: wanted.code)
    }
    return candidates.first.map {
      Fault.Fix(code: $0.code, shape: $0.shape, how: $0.how, wantedBy: nil)
    }
  }

  /// Ways to multiply an m×k by an l×n matrix, the likeliest first.
  private static func products(_ left: Node, _ a: Shape, _ right: Node, _ b: Shape) -> [Candidate] {
    let (x, y) = (text(left), text(right))
    let (xt, yt) = (flipped(left), flipped(right))
    var candidates: [Candidate] = []
    func add(_ code: String, _ p: Shape, _ q: Shape, _ how: Fault.Fix.How) {
      guard let shape = try? Shape.product(p, q) else { return }
      candidates.append(Candidate(code: code, shape: shape, how: how))
    }
    let equal = a == b
    if equal {
      candidates.append(Candidate(code: "\(x) .* \(y)", shape: a, how: .elementwise))
    }
    add("\(y) * \(x)", b, a, .swap)
    add("\(xt) * \(y)", a.transposed, b, how(left))
    add("\(x) * \(yt)", a, b.transposed, how(right))
    add("\(xt) * \(yt)", a.transposed, b.transposed, how(left))
    return candidates
  }

  private static func sums(
    _ operation: Operator, _ left: Node, _ a: Shape, _ right: Node, _ b: Shape
  ) -> [Candidate] {
    let (x, y) = (text(left), text(right))
    var candidates: [Candidate] = []
    if a == b.transposed {
      let code = "\(x) \(operation.rawValue) \(flipped(right))"
      candidates.append(Candidate(code: code, shape: a, how: how(right)))
    }
    let dotted: [Operator: Operator] = [.add: .dotPlus, .subtract: .dotMinus]
    if let dotted = dotted[operation], let shape = try? Shape.broadcast(a, b) {
      let code = "\(x) \(dotted.rawValue) \(y)"
      candidates.append(Candidate(code: code, shape: shape, how: .broadcast))
    }
    let wide = dotted[operation] ?? operation
    if let shape = try? Shape.broadcast(a, b.transposed), a != b.transposed {
      let code = "\(x) \(wide.rawValue) \(flipped(right))"
      candidates.append(Candidate(code: code, shape: shape, how: how(right)))
    }
    return candidates
  }

  private static func how(_ node: Node) -> Fault.Fix.How {
    node is Transposition ? .untranspose : .transpose
  }

  /// The text of an operand, in brackets where the operators around it would tear it apart.
  private static func text(_ node: Node) -> String {
    node is Calculation || node is Negation || node is RangeNode
      ? bracketed(node.range.text) : node.range.text
  }

  private static func bracketed(_ text: String) -> String {
    text.hasPrefix("(") && text.hasSuffix(")") ? text : "(\(text))"
  }

  /// The text of the transposed operand.
  private static func flipped(_ node: Node) -> String {
    if let transposition = node as? Transposition { return text(transposition.inside) }
    return text(node) + "'"
  }
}
