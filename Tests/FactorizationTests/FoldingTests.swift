import Factorization
import Matrices
import Testing
import Training
import Vocabulary

/// What a model of ratings answers about why, about strangers, and about pairs given twice.
@Suite struct FoldingTests {
  private static let methods = RatingsMethod.all.filter { $0.name == "als" }

  private func model(
    _ table: RatingsTable, implicit: Bool = false, nonnegative: Bool = false, bias: Bool = true,
    iterations: Int = 10
  ) throws -> RatingsModel {
    var options =
      implicit
      ? ImplicitTests.options(rank: 4, iterations: iterations)
      : RatingsTests.options(rank: 3, l2: 0.3)
    options.isNonnegative = nonnegative
    options.bias = bias
    return try RatingsModel.fit(
      table, options, by: .named("als", for: implicit ? .implicit : .explicit),
      loop: TrainingLoop())
  }

  @Test(arguments: [(false, true), (false, false), (true, true), (true, false)])
  func theReasonsAddUpToThePrediction(_ kind: (implicit: Bool, nonnegative: Bool)) throws {
    let table =
      kind.implicit
      ? ImplicitTests.choices(30, 25, seed: 71) : RatingsTests.planted(40, 30, seed: 71).train
    let model = try model(table, implicit: kind.implicit, nonnegative: kind.nonnegative)
    for user in table.users.all.prefix(6) {
      for item in table.items.all.prefix(6) {
        let why = RatingExplanation(model, user, item)
        let sum = why.reasons.reduce(why.mean + why.itemBias) { $0 + $1.weight }
        #expect(abs(sum + why.rest - why.prediction) < 1e-9)
        // Nothing is left, except where the bounds of the ratings cut something off.
        if abs(why.prediction - 1) > 1e-9 && abs(why.prediction - 5) > 1e-9 {
          #expect(abs(why.rest) < (kind.nonnegative ? 1e-3 : 1e-4))
        }
        #expect(
          zip(why.reasons, why.reasons.dropFirst()).allSatisfy { abs($0.weight) >= abs($1.weight) })
      }
    }
  }

  @Test func aWeightIsWhatThePredictionChangesByWithTheRating() throws {
    // A rating that is a little higher moves the prediction by the weight's part of the difference.
    let (table, _) = RatingsTests.planted(40, 30, seed: 72)
    let model = try model(table)
    let user = table.users.all[3]
    let item = try #require(
      table.items.all.first {
        let value = model.prediction(user, $0)
        return value > 1.3 && value < 4.7
      })
    let why = RatingExplanation(model, user, item)
    let reason = try #require(why.reasons.first)
    let place = try #require(
      (0..<table.entries.count).first {
        table.users.all[Int(table.entries.rows[$0])] == user
          && table.items.all[Int(table.entries.columns[$0])] == reason.item
      })
    let column = Int(table.entries.columns[place])
    let bias = model.prediction(.text("nobody"), table.items.all[column]) - why.mean
    let left = reason.rating - why.mean - bias
    let moved = RatingsTable(users: [user], items: [reason.item], values: [reason.rating + 0.01])
    let after = try model.folding(moved, by: .user).prediction(user, item)
    #expect(abs((after - why.prediction) - 0.01 * reason.weight / left) < 1e-7)
  }

  @Test(arguments: [false, true]) func aUserFoldedInIsThatOfTraining(_ implicit: Bool) throws {
    let table =
      implicit
      ? ImplicitTests.choices(30, 25, seed: 73) : RatingsTests.planted(40, 30, seed: 73).train
    let model = try model(table, implicit: implicit)
    let twin = table.twin(of: 5, named: "twin")
    let folded = try model.folding(twin, by: .user)
    for item in table.items.all.prefix(10) {
      let (a, b) = (
        model.prediction(table.users.all[5], item), folded.prediction(.text("twin"), item)
      )
      #expect(abs(a - b) < 1e-5)
      // Nobody else has changed.
      #expect(
        folded.prediction(table.users.all[0], item) == model.prediction(table.users.all[0], item))
    }
    #expect(folded.table.users.count == table.users.count + 1)
    #expect(
      folded.recommendations(for: .text("twin"), count: 3).map(\.0)
        == model.recommendations(for: table.users.all[5], count: 3).map(\.0))
  }

  @Test func anItemFoldedInIsPredicted() throws {
    let (table, _) = RatingsTests.planted(60, 30, seed: 74)
    let entries = table.entries
    let hidden = Int32(4)
    let rest = (0..<entries.count).filter { entries.columns[$0] != hidden }
    let mine = (0..<entries.count).filter { entries.columns[$0] == hidden }
    func part(_ places: [Int]) -> RatingsTable {
      RatingsTable(
        users: places.map { table.users.all[Int(entries.rows[$0])] },
        items: places.map { table.items.all[Int(entries.columns[$0])] },
        values: places.map { entries.values[$0] })
    }
    let model = try model(part(rest))
    let folded = try model.folding(part(mine), by: .item)
    let item = table.items.all[4]
    #expect(!model.knows(table.users.all[0], item) && folded.knows(table.users.all[0], item))
    #expect(RatingsTests.rmse(folded, part(mine)) < RatingsTests.rmse(model, part(mine)))
    #expect(folded.w.isIdentical(to: model.w))
  }

  @Test func whoHasRatedNothingKnownIsRefused() throws {
    let (table, _) = RatingsTests.planted(20, 15, seed: 75)
    let model = try model(table)
    let stranger = RatingsTable(users: [.text("me")], items: [.text("nothing")], values: [3])
    #expect(throws: Problem.self) { try model.folding(stranger, by: .user) }
    let why = RatingExplanation(model, .text("me"), table.items.all[2])
    #expect(why.reasons.isEmpty && !why.isUserKnown && why.isItemKnown)
    #expect(abs(why.mean + why.itemBias + why.rest - why.prediction) < 1e-12)
    #expect(RatingExplanation(model, .text("me"), .text("x")).prediction == table.mean)
  }

  @Test func aPairGivenTwiceCountsOnce() throws {
    let twice = RatingsTable(
      users: [1, 1, 2, 1].map { .number($0) }, items: [1, 1, 1, 2].map { .number($0) },
      values: [5, 3, 2, 1])
    #expect(twice.merging(.mean).entries.values == [4, 2, 1])
    #expect(twice.merging(.sum).entries.values == [8, 2, 1])
    #expect(twice.merging(.last).entries.values == [3, 2, 1])
    #expect(twice.merging(.keep) === twice)
    let once = RatingsTable(
      users: [1, 2, 1].map { .number($0) }, items: [1, 1, 2].map { .number($0) },
      values: [4, 2, 1])
    for implicit in [false, true] {
      let a = try model(twice, implicit: implicit)
      let b = try model(implicit ? twice.merging(.sum) : once, implicit: implicit)
      #expect(a.w.isIdentical(to: b.w) && a.origin.count == 4)
    }
  }
}
