import Matrices
import Testing

import Vocabulary

/// The declaration of a builtin with typed parameters: what a call gets and what it is told.
@Suite struct BuiltinTests {
  let rank = Builtin(
    "rank", in: .decompose, "The number of linearly independent rows.",
    Parameter<Matrix>("x", "the matrix to inspect"),
    Parameter<Double>(
      "tolerance", "smaller singular values count as zero", default: 1e-10, in: .atLeast(0)),
    examples: [Example("rank([1, 2; 2, 4])", prints: "1")]
  ) { x, tolerance in
    Double(x.rows) + tolerance
  }
  let context = Context(output: { _ in })

  @Test func bindsByPositionAndName() throws {
    let value = try rank.call(
      Arguments([.matrix(.ones(2, 3))], named: [("tolerance", .number(0.5))]), context)
    #expect(Double.from(value) == 2.5)
  }

  @Test func aKeywordIsNotPositional() {
    #expect(throws: CallError.tooMany(accepted: 1, given: 2, at: .position(1), next: "tolerance")) {
      try rank.call(Arguments([.number(1), .number(2)]), context)
    }
  }

  @Test func argumentsGoToTheirParametersInAnyOrder() throws {
    let signature = Signature(
      "f",
      [
        ParameterInfo("a"), ParameterInfo("b", standard: .number(7), isPositional: false),
        ParameterInfo("rest", takesRest: true), ParameterInfo("c", isOptional: true),
      ])
    let binding = try signature.binding(of: ["c", nil, nil, nil])
    #expect(binding.places == [3, 0, 2, 2])
    #expect(binding.rest == 2)
    #expect(Double.from(try #require(binding.standards[1])) == 7)
    let bound = try signature.bind(
      Arguments([.number(1), .number(2), .number(3)], named: [("c", .text("x"))]))
    #expect(bound.map { $0?.printed } == ["1", "7", "{2, 3}", "x"])
    let alone = try signature.bind(Arguments([.number(1)]))
    #expect(alone.map { $0?.printed } == ["1", "7", "{}", nil])
    #expect(throws: CallError.missing("a", takes: "value")) { try signature.binding(of: ["c"]) }
    #expect(throws: CallError.duplicate("a", at: .name("a"))) {
      try signature.binding(of: [nil, "a"])
    }
  }

  @Test func aMistypedKeywordNamesTheNearest() {
    #expect(
      throws: CallError.unknownName(
        "tolerence", at: .name("tolerence"), nearest: "tolerance", known: ["x", "tolerance"])
    ) {
      try rank.call(Arguments([.number(1)], named: [("tolerence", .number(2))]), context)
    }
  }

  @Test func aNumberOutOfBoundsIsRefused() {
    #expect(throws: Problem.self) {
      try rank.call(Arguments([.number(1)], named: [("tolerance", .number(-2))]), context)
    }
  }
}
