// Package archtest reads the whole tree and says where it breaks the rules
// that keep irctl easy to find one's way in.
//
// [Read] loads a source tree and [Tree.Check] returns what is wrong with it,
// each [Finding] with the reason for the rule. The test of this package runs
// Check on irctl itself; testdata holds small trees that break one rule each.
//
// Files, in reading order: rules.go (who may import whom, and why: the file to
// edit when a package is added), tree.go (loading), imports.go, reading.go,
// source.go and mutable.go (the checks).
package archtest
