import Matrices
import Vocabulary

/// Computes what would make the shapes of an operation fit: factors swapped, a transpose put in or
/// taken away, a dotted operator. What it offers has the right shape.
enum ShapeFix {
  /// An operand as text that can be put elsewhere.
  struct Part {
    /// In brackets where the operators around it would tear it apart.
    var text: String
    /// The transposed operand.
    var flipped: String
    var isTransposed = false
    /// The operand with all its elements, where sums would not leave it sparse.
    fileprivate var full: String { isSparse ? "full(\(text))" : text }
    private var isSparse = false

    /// The same part of a sparse matrix, or of one that may be.
    func sparse(_ isSparse: Bool) -> Part {
      var part = self
      part.isSparse = isSparse
      return part
    }

    init(_ node: Node) {
      if let transposition = node as? Transposition {
        self.init(node.range.text, inside: Part(transposition.inside).text)
      } else {
        self.init(
          node.range.text, isLoose: node is Calculation || node is Negation || node is RangeNode)
      }
    }

    init(_ expression: Expression) {
      let expression = expression.inner
      switch expression.kind {
      case .transpose(let inside):
        self.init(expression.range.text, inside: Part(inside).text)
      case .calculation, .negate, .range: self.init(expression.range.text, isLoose: true)
      default: self.init(expression.range.text, isLoose: false)
      }
    }

    private init(_ text: String, inside: String) {
      (self.text, flipped, isTransposed) = (text, inside, true)
    }

    private init(_ text: String, isLoose: Bool) {
      self.text = isLoose && !(text.hasPrefix("(") && text.hasSuffix(")")) ? "(\(text))" : text
      flipped = self.text + "'"
    }

    fileprivate var how: Fault.Fix.How { isTransposed ? .untranspose : .transpose }
  }

  /// A way out with the shape of its result.
  struct Candidate {
    var code: String
    var extent: Extent
    var how: Fault.Fix.How
    var shape = ""
    /// The expression beside it that wants this shape.
    var wantedBy: String?
  }

  static func find(
    _ operation: Operator, left: Part, _ a: Extent, right: Part, _ b: Extent,
    wanted: (code: String, extent: Extent)?, _ letters: @escaping (Amount.Symbol) -> String
  ) -> Candidate? {
    let candidates: [Candidate] =
      switch operation {
      case .multiply: products(left, a, right, b)
      case .add, .subtract, .dotTimes, .dotOver, .dotPlus, .dotMinus, .remainder:
        sums(operation, left, a, right, b)
      default: []
      }
    var best = candidates.first
    if let wanted, let fitting = candidates.first(where: { $0.extent == wanted.extent }) {
      best = fitting
      best?.wantedBy = wanted.code
    }
    guard var chosen = best else { return nil }
    chosen.shape = chosen.extent.text(letters)
    return chosen
  }

  private static func product(_ a: Extent, _ b: Extent) -> Extent? {
    a.columns == b.rows ? Extent(a.rows, b.columns) : nil
  }

  private static func broadcast(_ a: Extent, _ b: Extent) -> Extent? {
    func stretch(_ a: Amount, _ b: Amount) -> Amount? {
      a == b || b == .one ? a : a == .one ? b : nil
    }
    guard let rows = stretch(a.rows, b.rows), let columns = stretch(a.columns, b.columns) else {
      return nil
    }
    return Extent(rows, columns)
  }

  /// Ways to multiply an m×k by an l×n matrix, the likeliest first.
  private static func products(_ left: Part, _ a: Extent, _ right: Part, _ b: Extent)
    -> [Candidate]
  {
    var candidates: [Candidate] = []
    func add(_ code: String, _ p: Extent, _ q: Extent, _ how: Fault.Fix.How) {
      guard let extent = product(p, q) else { return }
      candidates.append(Candidate(code: code, extent: extent, how: how))
    }
    if a == b {
      candidates.append(
        Candidate(code: "\(left.text) .* \(right.text)", extent: a, how: .elementwise))
    }
    add("\(right.text) * \(left.text)", b, a, .swap)
    add("\(left.flipped) * \(right.text)", a.transposed, b, left.how)
    add("\(left.text) * \(right.flipped)", a, b.transposed, right.how)
    add("\(left.flipped) * \(right.flipped)", a.transposed, b.transposed, left.how)
    return candidates
  }

  private static func sums(
    _ operation: Operator, _ left: Part, _ a: Extent, _ right: Part, _ b: Extent
  ) -> [Candidate] {
    var candidates: [Candidate] = []
    if a == b.transposed {
      candidates.append(
        Candidate(
          code: "\(left.text) \(operation.rawValue) \(right.flipped)", extent: a, how: right.how))
    }
    let dotted: [Operator: Operator] = [.add: .dotPlus, .subtract: .dotMinus]
    if let dotted = dotted[operation], let extent = broadcast(a, b) {
      candidates.append(
        Candidate(
          code: "\(left.full) \(dotted.rawValue) \(right.full)", extent: extent, how: .broadcast))
    }
    let wide = dotted[operation] ?? operation
    if let extent = broadcast(a, b.transposed), a != b.transposed {
      candidates.append(
        Candidate(
          code: "\(left.text) \(wide.rawValue) \(right.flipped)", extent: extent, how: right.how))
    }
    return candidates
  }
}
