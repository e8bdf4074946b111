import Factorization
import Matrices
import Testing
import Vocabulary

/// What the builtins refuse, and what they say then.
@Suite struct FactorizationBuiltinTests {
  private let context = Context(output: { _ in })

  private func call(
    _ name: String, _ positional: [Value], _ named: [(name: String, value: Value)] = []
  ) throws -> Value {
    let builtin = try #require(FactorizationLibrary.builtins.first { $0.name == name })
    return try builtin.call(Arguments(positional, named: named), context)
  }

  private func problem(
    _ name: String, _ positional: [Value], _ named: [(name: String, value: Value)] = []
  ) throws -> Problem {
    do {
      _ = try call(name, positional, named)
    } catch let problem as Problem {
      return problem
    }
    Issue.record("\(name) did not refuse")
    return Problem(.value, "nothing")
  }

  private let x = Value.matrix(Planted.matrix(8, 6, rank: 2, seed: 61))

  @Test func everyBuiltinIsDocumented() {
    for builtin in FactorizationLibrary.builtins {
      #expect(!builtin.examples.isEmpty && !builtin.shapes.isEmpty)
      #expect(builtin.summary.hasSuffix("."))
      #expect(builtin.signature.parameters.allSatisfy { !$0.summary.isEmpty })
    }
    let names = FactorizationLibrary.builtins.map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test func aNegativeEntryIsNamed() throws {
    let bad = Value.matrix(Matrix([[1, 2, 3], [4, -5, -6]]))
    let problem = try problem("nmf", [bad, .number(1)])
    #expect(problem.arguments.first?.label == "-5 at [2, 2], 2 elements below 0 in all")
    #expect(problem.help?.contains("relu(X)") == true)
  }

  @Test func aMissingEntryIsNamed() throws {
    let bad = Value.matrix(Matrix([[1, .nan], [4, 5]]))
    let problem = try problem("nmf", [bad, .number(1)])
    #expect(problem.arguments.first?.label == "NaN at [1, 2], 1 element in all")
    // For mf it is a gap; an infinite one is not.
    let infinite = Value.matrix(Matrix([[1, .infinity], [4, 5]]))
    let label = try self.problem("mf", [infinite, .number(1)]).arguments.first?.label
    #expect(label == "Inf at [1, 2]")
  }

  @Test func anEmptyMatrixIsRefused() throws {
    for name in ["nmf", "mf"] {
      let problem = try problem(name, [.matrix(.zeros(0, 3)), .number(1)])
      #expect(problem.kind == .shape)
    }
  }

  @Test func theRankIsChecked() throws {
    #expect(try problem("nmf", [x, .number(0)]).arguments.first?.parameter == "rank")
    #expect(try problem("nmf", [x, .number(1.5)]).arguments.first?.parameter == "rank")
    let above = try problem("nmf", [x, .number(7)])
    #expect(above.message.contains("at most 6"))
    #expect(above.help?.contains("init=\"random\"") == true)
    _ = try call("nmf", [x, .number(7)], [("init", .text("random"))])
    #expect(try problem("mf", [x, .number(7)]).message.contains("at most 6"))
    #expect(try problem("mf", [x]).arguments.first?.parameter == "rank")
  }

  @Test func optionsThatDoNotFitAreRefused() throws {
    let two = Value.number(2)
    let kl = (name: "loss", value: Value.text("kl"))
    #expect(try problem("nmf", [x, two], [kl, ("solver", .text("hals"))]).help != nil)
    #expect(
      try problem("nmf", [x, two], [("solver", .text("mu")), ("init", .text("nndsvd"))]).help
        != nil)
    #expect(try problem("nmf", [x, two], [("solver", .text("cd"))]).message.contains("one of"))
    #expect(
      try problem("nmf", [x, two], [("tile", .list([.number(2), .number(2)]))]).kind == .shape)
    #expect(try problem("mf", [x, two], [("form", .text("whw"))]).kind == .shape)
    #expect(try problem("mf", [x, two], [("rate", .number(0.1))]).message.contains("gd"))
  }

  @Test func boundsTheWrongWayRoundAreNamed() throws {
    let bounds = Value.list([.number(1), .number(0)])
    let problem = try problem("nmf", [x, .number(2)], [("box", bounds)])
    #expect(problem.message == "'box' needs a list of two numbers, 0 ≤ lowest ≤ highest")
  }

  @Test func aModelRefusesOtherRows() throws {
    guard case .object(let object) = try call("nmf", [x, .number(2)], [("seed", .number(1))]),
      let model = object as? NMFModel
    else {
      Issue.record("nmf returned no model")
      return
    }
    #expect(throws: Problem.self) { try model.transform(.ones(2, 5), context) }
    #expect(throws: Problem.self) { try model.transform(-.ones(2, 6), context) }
    #expect(try model.transform(.zeros(2, 6), context).total(.maximum) == 0)
    #expect(model.fieldNames.allSatisfy { model.field($0) != nil })
    #expect(model.field("nothing") == nil)
    for width in [20, 80] {
      let lines = model.summary(width: width).split(separator: "\n")
      #expect(lines.allSatisfy { $0.count <= width })
    }
    #expect(model.summary(width: 80).contains("seed 1"))
  }

  @Test func badRatingsAreNamed() throws {
    let nan = Value.matrix(Matrix([[1, 1, 5], [1, 2, .nan]]))
    #expect(try problem("ratings", [nan]).arguments.first?.label.hasSuffix("row 2") == true)
    #expect(try problem("ratings", [.matrix(.ones(3, 2))]).kind == .shape)
    #expect(try problem("ratings", [.matrix(.zeros(0, 3))]).kind == .value)
    #expect(try problem("ratings", [.text("u.data")]).kind == .type)
    let uneven = Record([
      ("who", .list([.text("ann")])), ("what", .list([.text("a"), .text("b")])),
      ("stars", .matrix(Matrix(column: [1]))),
    ])
    #expect(try problem("ratings", [.record(uneven)]).kind == .shape)
    let table = try call("ratings", [.matrix(Matrix([[1, 1, 5], [2, 1, 3]]))])
    #expect(try problem("mf", [table], [("method", .text("gd"))]).kind == .value)
    #expect(try problem("mf", [table], [("form", .text("whw"))]).kind == .value)
    _ = try call("mf", [table], [("view", .boolean(false))])
  }
}
