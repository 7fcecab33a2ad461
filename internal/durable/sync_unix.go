//go:build !windows

package durable

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// syncFolder makes a rename or a removal in the folder durable.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}

func mayWrite(folder string) error {
	if err := unix.Access(folder, unix.W_OK|unix.X_OK); err != nil {
		return fmt.Errorf("may not write in %s: %w", folder, err)
	}
	return nil
}
