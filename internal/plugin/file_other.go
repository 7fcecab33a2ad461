//go:build !linux

package plugin

import (
	"os"
	"path/filepath"
)

// copyTo is a file in a folder where nobody else may write: here nothing without
// a name can be run.
func copyTo(folder, name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(folder, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o500)
}

// seal ends the writing: a file that is open for it cannot be run.
func (p *program) seal(f *os.File) error {
	p.argv = f.Name()
	return f.Close()
}
