import Matrices
import Synchronization

/// An operator that gives so many products and then throws: for iterations whose length shows only on
/// the way.
struct BoundedOperator<Whole: LinearOperator>: LinearOperator {
  /// There are no more products.
  struct Spent: Error {}

  private final class Account: Sendable {
    let left: Atomic<Int>
    init(_ products: Int) { left = Atomic(products) }
  }

  private let whole: Whole
  private let account: Account

  init(_ whole: Whole, products: Int) {
    self.whole = whole
    account = Account(products)
  }

  var shape: Shape { whole.shape }
  var precision: Precision { whole.precision }

  func product(with factor: Matrix) throws -> Matrix {
    try spend()
    return try whole.product(with: factor)
  }

  func transposedProduct(with factor: Matrix) throws -> Matrix {
    try spend()
    return try whole.transposedProduct(with: factor)
  }

  private func spend() throws {
    let before = account.left.subtract(1, ordering: .relaxed).oldValue
    if before <= 0 { throw Spent() }
  }
}
