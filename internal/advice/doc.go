// Package advice says what to do about an error: what that means, what to type
// next, and with which status irctl ends. It goes by the error's type and never by
// its text.
//
// Files, in reading order: advice.go ([Of], [Exit]), library.go (files, names and
// settings), run.go (runs, and who may ask what of them).
package advice
