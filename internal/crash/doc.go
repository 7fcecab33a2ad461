// Package crash proves that a run survives the death of irctl at any moment.
// It holds nothing but tests.
//
// The shipped containment runbook runs against a lab of its own, in processes
// that are this test binary in the guise of irctl ([TestMain]). A killer sits
// at every write and every sync of the journal, and before and after every
// action; it ends the process with SIGKILL at the one that the test chose.
// Then people do what people would do: approve what waits, resume the rest.
// In the end the run and the company must be as if nothing had happened. The
// company's own ledger is the witness.
//
// Files, in reading order: company_test.go (a company, and irctl processes that
// act on it and die at a point of internal/child), crash_test.go (the proof),
// playbook_test.go (the same for a CACAO playbook), forms_test.go (for waits,
// clean-up and batches), files_test.go (commands that change files of the home),
// halt_test.go (a driver that lives through a halt), children_test.go (what a
// step had started), lost_test.go (an ssh that failed), signals_test.go (signals
// that are not for a run), limit_test.go (what follows when the time is up),
// notice_test.go (people who are told that a run waits).
package crash
