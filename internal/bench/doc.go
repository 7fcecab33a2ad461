// Package bench measures what a person waits for: the program from its start
// to its end, and what a durable step costs beside one fsync. `make bench`
// prints its numbers as the table that the README quotes. It has no code of its
// own, only benchmarks; nothing is asserted about time.
//
// Files, in reading order: step_test.go (a durable step), proof_test.go (what its
// checkpoint costs, and audit verify), program_test.go (the
// real binary: version, validate, test, status), run_test.go (a run of 100,000
// entries to read, and its fold).
package bench
