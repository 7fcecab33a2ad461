// Package archtest reads the whole tree and says where it breaks the rules
// that keep irctl easy to find one's way in.
//
// [Read] loads a source tree and [Tree.Check] returns what is wrong with it,
// each [Finding] with the reason for the rule. archtest_test.go runs Check on
// irctl itself; testdata holds small trees that break one rule each.
//
// It is nothing but tests. Files, in reading order: rules_test.go (who may
// import whom, and why: the file to edit when a package is added), tree_test.go
// (loading), imports_test.go, reading_test.go, source_test.go and
// mutable_test.go (the checks).
package archtest
