//go:build !linux

package durable

import "os"

// keepAttributes does nothing: only on Linux is the access list an attribute
// that can be read and set like any other.
func keepAttributes(*os.File, string) error { return nil }
