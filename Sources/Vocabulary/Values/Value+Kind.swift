import Autodiff
import Matrices

extension Value {
  /// What `type(x)` says.
  package var typeName: String {
    switch self {
    case .nothing: "nothing"
    case .boolean: "boolean"
    case .number: "number"
    case .text: "text"
    case .matrix: "matrix"
    case .range: "range"
    case .list: "list"
    case .record: "record"
    case .function: "function"
    case .object(let object): object.kind
    }
  }

  /// What the value is in half a line, shape included: the label of an operand in an error, the
  /// column of a listing. `20×784 matrix`, `list of 3`, `the number 5`.
  package var label: String {
    switch self {
    case .nothing: "nothing"
    case .boolean(let truth): truth ? "true" : "false"
    case .number(let number): "the number \(NumberFormat.short(number))"
    case .text(let text):
      text.count <= 24 ? "the text \"\(text)\"" : "text of \(text.count) letters"
    case .matrix(let matrix): matrix.label
    case .range(let range): "range of \(range.count)"
    case .list(let list): "list of \(list.count)"
    case .record(let record): "record of \(record.count)"
    case .function(let function): "function \(function.signature.name)"
    case .object(let object):
      traced.map { Value($0.value).label } ?? sparse?.label ?? object.kind
    }
  }

  /// The shape, for values that have one: a number is 1×1, a range 1×n.
  package var shape: Shape? {
    switch self {
    case .number, .boolean: Shape(1, 1)
    case .matrix(let matrix): matrix.shape
    case .range(let range): Shape(1, range.count)
    case .object: traced?.shape ?? sparse?.shape
    case .nothing, .text, .list, .record, .function: nil
    }
  }
}

extension Matrix {
  /// `20×784 matrix`, with what is not ordinary about it.
  package var label: String {
    let kind = isLogical ? " true/false" : precision == .single ? " f32" : ""
    return "\(shape)\(kind) matrix"
  }
}
