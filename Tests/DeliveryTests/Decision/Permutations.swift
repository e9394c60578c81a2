/// Calls `body` with every order of `elements` (Heap's algorithm).
func forEachPermutation<Element>(of elements: [Element], _ body: ([Element]) -> Void) {
    var elements = elements
    func permute(_ count: Int) {
        guard count > 1 else { return body(elements) }
        for index in 0..<count {
            permute(count - 1)
            elements.swapAt(count.isMultiple(of: 2) ? index : 0, count - 1)
        }
    }
    permute(elements.count)
}

/// Every choice of `size` of the elements, in their order.
func subsets<Element>(of elements: [Element], size: Int) -> [[Element]] {
    guard size > 0 else { return [[]] }
    guard elements.count >= size, let first = elements.first else { return [] }
    let rest = Array(elements.dropFirst())
    return subsets(of: rest, size: size - 1).map { [first] + $0 } + subsets(of: rest, size: size)
}
