package proof

import "syscall"

// mountSmall puts a small file system at a folder.
func mountSmall(dir string) error {
	return syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k,mode=700")
}

func unmount(dir string) error { return syscall.Unmount(dir, syscall.MNT_DETACH) }
