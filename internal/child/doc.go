// Package child runs irctl as a process of its own in the tests of the whole:
// the binary of the test is irctl when its environment says so ([Main]), on a
// disk and with actions of the test's choice, and may die at a point.
//
// Files, in reading order: process.go, point.go (where it dies).
package child
