package durable

import (
	"io/fs"
	"os"
)

// On Windows a new file inherits from its folder.
func keepOwner(*os.File, fs.FileInfo) error { return nil }
func mayKeepOwner(fs.FileInfo) bool         { return true }
func links(fs.FileInfo) uint64              { return 1 }
