// Package coerce turns what somebody gave for fields into typed values, or says
// what is wrong with it.
//
// [Fields] takes a whole map, [One] a single value.
//
// Files, in reading order: coerce.go (values), words.go (the words of mistakes).
package coerce
