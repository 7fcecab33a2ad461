// Package proof shows that irctl keeps its promises where things go wrong. It
// holds nothing but tests; internal/crash proves what is left of them, that a
// run survives the death of the process.
//
// Every test runs the real command line, in processes that are this test
// binary in the guise of irctl ([TestMain]): with a disk that fills up at a
// chosen write if the test wants it, and with a witness that lists, in order,
// what was written and what was done to the world.
//
// Files, in reading order: process_test.go (the guise and its faults),
// place_test.go (a folder, and irctl processes in it), then one file for each
// promise: driver_test.go (one driver), tamper_test.go (altered journals),
// disk_test.go (a full or unwritable disk), failure_test.go (steps that fail),
// scale_test.go (many steps), secrets_test.go, foreign_test.go (hostile text),
// stop_test.go (signals and closed pipes), talk_test.go (verbs from other
// processes), trace_linux_test.go (what validate, plan and test ask the kernel
// for).
package proof
