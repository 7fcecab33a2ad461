package realtest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// Place is what is a daemon's own: a folder and ports of an address.
type Place struct {
	Dir   string
	Ports []int

	user string
	on   *Machine
}

// Loopback is where daemons listen that stand on this machine.
const Loopback = "127.0.0.1"

// Host is the address that the ports belong to.
func (p Place) Host() string {
	if p.on != nil {
		return p.on.Address
	}
	return Loopback
}

// Address is host and port of the nth port.
func (p Place) Address(n int) string { return net.JoinHostPort(p.Host(), strconv.Itoa(p.Ports[n])) }

// File is the path of a file in the folder.
func (p Place) File(name string) string { return filepath.Join(p.Dir, name) }

// Write makes a file in the folder, and the folders above it.
func (p Place) Write(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(p.File(name)), 0o700); err != nil {
		return err
	}
	return os.WriteFile(p.File(name), []byte(text), 0o600)
}

// Command is a program that runs as the daemon's user and where the daemon
// stands. Its folder is the daemon's.
func (p Place) Command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	if p.on != nil {
		cmd = p.on.Command(program, args...)
	}
	cmd.Dir = p.Dir
	if p.user != "" && os.Geteuid() == 0 {
		RunAs(cmd, p.user)
	}
	return cmd
}

// Own gives the folder and what is in it to the daemon's user.
func (p Place) Own() error {
	if p.user == "" || os.Geteuid() != 0 {
		return nil
	}
	return GiveTo(p.Dir, p.user)
}
