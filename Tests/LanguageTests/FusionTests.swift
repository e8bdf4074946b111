import Language
import Matrices
import Testing
import Vocabulary

/// Elementwise expressions of large matrices, which are computed in one pass, against the same
/// operations done one after the other.
@Suite struct FusionTests {
  private static let library = Library(
    [ElementwiseFunction.exp, .tanh, .abs, .sqrt, .sigmoid, .floor].map { function in
      Builtin(
        function.rawValue, in: .map, "A function of every element.",
        Parameter<Matrix>("x", "a matrix"), elementwise: function
      ) { x in x.mapped(function) }
    } + [
      Builtin("id", in: .map, "The matrix itself.", Parameter<Value>("x", "a value")) { x in x }
    ])

  private func session(_ variables: [(String, Value)]) -> Session {
    let session = Session(library: Self.library, context: Context(output: { _ in }))
    for (name, value) in variables { session.define(name, value) }
    return session
  }

  private func outcome(_ session: Session, _ text: String) -> String {
    do {
      let value = try session.evaluate(SourceText(name: "t", text: text))
      // A function of a number gives a number, one of the test library a 1×1 matrix.
      if value.shape?.count == 1, let number = Double.from(value) { return "\(number)" }
      guard case .matrix(let matrix) = value else { return value.label }
      let bits = matrix.elements.reduce(into: Hasher()) { $0.combine($1.bitPattern) }.finalize()
      return "\(matrix.label) \(bits)"
    } catch {
      return error.rendered(style: .plain)
    }
  }

  /// A random expression, and the same with every operation through `id`, which settles it.
  private func expression(_ random: inout Random, depth: Int) -> (String, String) {
    if depth == 0 || random.below(6) == 0 {
      let leaf = Self.leaves[random.below(Self.leaves.count)]
      return (leaf, leaf)
    }
    let (a, settledA) = expression(&random, depth: depth - 1)
    switch random.below(8) {
    case 0: return ("-(\(a))", "id(-(\(settledA)))")
    case 1:
      let function = ["exp", "tanh", "abs", "sqrt", "sigmoid", "floor"][random.below(6)]
      return ("\(function)(\(a))", "id(\(function)(id(\(settledA))))")
    default:
      let (b, settledB) = expression(&random, depth: depth - 1)
      let sign = Self.signs[random.below(Self.signs.count)]
      return ("(\(a)) \(sign) (\(b))", "id(id(\(settledA)) \(sign) id(\(settledB)))")
    }
  }

  private static let leaves = [
    "A", "B", "A", "B", "A", "C'", "r", "c", "S", "one", "2", "0.5", "3", "true", "A'", "(1:80)",
    "D", "D'",
  ]
  private static let signs = [
    "+", "-", ".*", "./", ".+", ".-", ".^", "*", "/", "<", ">=", "==", "&", "%", ".*", ".+",
  ]

  @Test(arguments: 0..<8)
  func randomExpressionsGiveTheSameBitsAndTheSameErrors(_ seed: UInt64) {
    var random = Random(seed: seed)
    let (rows, columns) = (70, 80)
    let lab = session([
      ("A", .matrix(random.normal(rows, columns))), ("B", .matrix(random.uniform(rows, columns))),
      ("C", .matrix(random.normal(columns, rows))),
      ("D", .matrix(random.normal(rows, columns).transposed)),
      ("r", .matrix(random.normal(1, columns))), ("c", .matrix(random.normal(rows, 1))),
      ("S", .matrix(random.normal(rows, columns).converted(to: .single))),
      ("one", .matrix(Matrix(1.5))),
    ])
    for _ in 0..<150 {
      let (fused, settled) = expression(&random, depth: 4)
      let (a, b) = (outcome(lab, fused), outcome(lab, settled))
      // Only the text of the line differs in an error, so titles are compared.
      if a.hasPrefix("error") {
        #expect(a.split(separator: "\n").first == b.split(separator: "\n").first, "\(fused)")
      } else {
        #expect(a == b, "\(fused)")
      }
    }
  }

  @Test func anErrorIsThatOfTheOperatorItself() {
    let lab = session([
      ("A", .matrix(.ones(80, 80))), ("B", .matrix(.ones(80, 79))), ("f", .text("x")),
    ])
    let text = outcome(lab, "A .* 2 .+ A .- (B .+ 1)")
    #expect(text.contains("80×80") && text.contains("80×79"))
    #expect(outcome(lab, "A .* 2 + f").contains("error"))
    #expect(outcome(lab, "tanh(A .* 2 + f)").contains("error"))
  }

  @Test func operandsAreEvaluatedOnceAndInOrder() throws {
    let lab = session([("A", .matrix(.ones(80, 80)))])
    let text = """
      log = {}
      A2 = if true then
        log += {1}
        A
      end .* 2 .+ if true then
        log += {2}
        A
      end
      log
      """
    guard case .list(let list) = try lab.evaluate(SourceText(name: "t", text: text)) else {
      Issue.record("a list was expected")
      return
    }
    #expect(list.count == 2)
  }

  @Test func aVariableThatChangesInBetweenKeepsItsOldValue() throws {
    for size in [2, 80] {
      let lab = session([("A", .matrix(.ones(size, size)))])
      let text = """
        B = A .+ (if true then
          A = A .* 5
          A
        end)
        B[1, 1]
        """
      let value = try lab.evaluate(SourceText(name: "t", text: text))
      #expect(Double.from(value) == 6)
    }
  }

  @Test func aLongRangeTakesNoMemoryOfItsOwn() throws {
    let lab = session([])
    let value = try lab.evaluate(SourceText(name: "t", text: "((1:1000000) .* 2 .+ 1)[1000000]"))
    #expect(Double.from(value) == 2_000_001)
  }
}
