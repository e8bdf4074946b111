import Matrices
import Vocabulary

extension RatingsModel {
  /// Says of a prediction that it is made without knowing one side, or both.
  func noteStrangers(_ user: Identifier, _ item: Identifier, _ context: Context) {
    let unknown = [
      table.users[user] == nil ? "user \(user.value.brief(width: 40))" : nil,
      table.items[item] == nil ? "item \(item.value.brief(width: 40))" : nil,
    ].compactMap { $0 }
    guard !unknown.isEmpty else { return }
    let verb = unknown.count > 1 ? "are" : "is"
    context.note(
      "\(unknown.joined(separator: " and ")) \(verb) unknown to the model: the prediction is "
        + basis(table.users[user] != nil, table.items[item] != nil), about: "strangers")
  }

  /// The same of the predictions of a table: who and how many.
  func noteStrangers(_ other: RatingsTable, _ context: Context) {
    let users = other.users.all.filter { table.users[$0] == nil }
    let items = other.items.all.filter { table.items[$0] == nil }
    guard !users.isEmpty || !items.isEmpty else { return }
    let (isKnownUser, isKnownItem) = (
      other.users.all.map { table.users[$0] != nil }, other.items.all.map { table.items[$0] != nil }
    )
    let count = zip(other.entries.rows, other.entries.columns).count {
      !isKnownUser[Int($0)] || !isKnownItem[Int($1)]
    }
    let who = [Self.names(users, "user"), Self.names(items, "item")].compactMap { $0 }
    context.note(
      "\(who.joined(separator: " and ")) unknown to the model: \(count) of \(other.entries.count) "
        + "predictions are made of \(isImplicit ? "nothing" : "means and biases"); is_known(m, ratings) "
        + "tells which", about: "strangers")
  }

  /// Says of users that nothing is known of what they like.
  func noteStrangers(askingFor users: [Identifier], _ context: Context) {
    let strangers = users.filter { table.users[$0] == nil }
    guard let who = Self.names(strangers, "user") else { return }
    context.note(
      "\(who) \(strangers.count > 1 ? "are" : "is") unknown to the model and "
        + "\(strangers.count > 1 ? "get" : "gets") what all like; recommend(m, ratings) goes by the "
        + "ratings of new users", about: "strangers")
  }

  /// What is left to predict from.
  private func basis(_ knowsUser: Bool, _ knowsItem: Bool) -> String {
    if isImplicit { return "0" }
    if !options.bias { return "the mean of all ratings" }
    switch (knowsUser, knowsItem) {
    case (true, false): return "the mean of all ratings and the bias of the user"
    case (false, true): return "the mean of all ratings and the bias of the item"
    default: return "the mean of all ratings"
    }
  }

  /// `3 users (7, 9, …)`.
  private static func names(_ identifiers: [Identifier], _ what: String) -> String? {
    guard let first = identifiers.first else { return nil }
    if identifiers.count == 1 { return "\(what) \(first.value.brief(width: 40))" }
    let shown = identifiers.prefix(5).map { $0.value.brief(width: 20) }.joined(separator: ", ")
    return "\(identifiers.count) \(what)s (\(shown)\(identifiers.count > 5 ? ", …" : ""))"
  }
}
