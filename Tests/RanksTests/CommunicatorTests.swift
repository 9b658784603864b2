import Testing

@testable import Ranks
