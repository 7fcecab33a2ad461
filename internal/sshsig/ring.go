package sshsig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Ring finds a person's keys.
type Ring struct {
	// Agent is the socket of an agent (SSH_AUTH_SOCK), "" if there is none.
	Agent string
	// Passphrase asks for that of a key file; nil if nobody can be asked.
	Passphrase func(file string) ([]byte, error)
	// Talk is where ssh-keygen says that a device wants to be touched; nil is
	// nowhere.
	Talk io.Writer
	// Read reads the file of a key; nil is os.ReadFile.
	Read func(file string) ([]byte, error)
}

// LockedError says that a key file has a passphrase for which nobody could be
// asked.
type LockedError struct{ File string }

// Error implements error.
func (e *LockedError) Error() string {
	return e.File + " has a passphrase, no agent holds its key, and nobody can be asked here"
}

// Advice says what to type.
func (e *LockedError) Advice() string { return "ssh-add " + e.File }

// MissingError says that an agent does not hold a key.
type MissingError struct{ Name string }

// Error implements error.
func (e *MissingError) Error() string { return "no agent that can be reached holds the key " + e.Name }

// Open opens the key of a name: the path of a file with a private key, or with
// a public key whose private one an agent or the file beside it holds, or the
// fingerprint (SHA256:...) of a key in the agent. A key with a passphrase is
// taken from the agent if that holds it. What is in a file and nobody else can
// use is used through ssh-keygen, which knows FIDO devices.
func (r Ring) Open(name string) (Signer, error) {
	_, open, err := r.find(name)
	if err != nil {
		return nil, err
	}
	return open()
}

// Public returns the public key of a name, as Open takes it, without opening it:
// nobody is asked for a passphrase.
func (r Ring) Public(name string) (Key, error) {
	key, _, err := r.find(name)
	return key, err
}

// find returns the public key of a name and how to open it.
func (r Ring) find(name string) (Key, func() (Signer, error), error) {
	if strings.HasPrefix(name, "SHA256:") {
		s, err := r.fromAgent(name)
		return opened(s, err)
	}
	read := r.Read
	if read == nil {
		read = os.ReadFile
	}
	text, err := read(name)
	if err != nil {
		return "", nil, fmt.Errorf("cannot read the key: %w", err)
	}
	if key, err := ParseKey(string(text)); err == nil {
		private, isPublic := strings.CutSuffix(name, ".pub")
		if _, err := os.Stat(private); isPublic && err == nil {
			return r.find(private)
		}
		return key, func() (Signer, error) { return r.fromAgent(key.Fingerprint()) }, nil
	}
	signer, err := ssh.ParsePrivateKey(text)
	var locked *ssh.PassphraseMissingError
	switch {
	case err == nil:
		return opened(newHeld(signer))
	case errors.As(err, &locked) && locked.PublicKey != nil:
		key, err := keyOf(locked.PublicKey)
		return key, func() (Signer, error) { return r.unlock(name, text, key) }, err
	}
	// What only ssh-keygen can open, as the key of a device, and what has a
	// passphrase in an old format, has its public key beside it.
	key, unknown := publicOf(name)
	switch {
	case unknown != nil:
		return "", nil, fmt.Errorf("%s holds no SSH key that irctl can use: %w", name, err)
	case locked != nil:
		return key, func() (Signer, error) { return r.unlock(name, text, key) }, nil
	}
	return opened(device{key, name, r.Talk}, nil)
}

func opened(s Signer, err error) (Key, func() (Signer, error), error) {
	if err != nil {
		return "", nil, err
	}
	return s.Key(), func() (Signer, error) { return s, nil }, nil
}

// publicOf is the public key beside a file with a private one.
func publicOf(file string) (Key, error) {
	text, err := os.ReadFile(file + ".pub")
	if err != nil {
		return "", err
	}
	return ParseKey(string(text))
}

// unlock opens a key that has a passphrase.
func (r Ring) unlock(file string, text []byte, key Key) (Signer, error) {
	if s, err := r.fromAgent(key.Fingerprint()); err == nil {
		return s, nil
	}
	if strings.HasPrefix(string(key), "sk-") {
		return device{key, file, r.Talk}, nil
	}
	if r.Passphrase == nil {
		return nil, &LockedError{file}
	}
	passphrase, err := r.Passphrase(file)
	if err != nil {
		return nil, err
	}
	signer, err := ssh.ParsePrivateKeyWithPassphrase(text, passphrase)
	clear(passphrase)
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", file, err)
	}
	return newHeld(signer)
}

// InAgent is a key that the agent holds.
type InAgent struct {
	Key     Key
	Comment string
}

// List returns the keys of the agent that can sign; none if there is no agent.
func (r Ring) List() ([]InAgent, error) {
	conn, err := r.dial()
	if conn == nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	listed, err := agent.NewClient(conn).List()
	if err != nil {
		return nil, fmt.Errorf("the SSH agent does not answer: %w", err)
	}
	var out []InAgent
	for _, k := range listed {
		if key, err := keyOf(k); err == nil { // others do not count anyway
			out = append(out, InAgent{key, k.Comment})
		}
	}
	return out, nil
}

// patience is how long an agent may take to say which keys it holds.
const patience = 10 * time.Second

// dial returns a connection to the agent, nil if there is none.
func (r Ring) dial() (net.Conn, error) {
	if r.Agent == "" {
		return nil, nil
	}
	conn, err := net.DialTimeout("unix", r.Agent, patience)
	if err != nil {
		return nil, fmt.Errorf("the SSH agent cannot be reached: %w", err)
	}
	return conn, nil
}

// fromAgent opens the key with a fingerprint.
func (r Ring) fromAgent(fingerprint string) (Signer, error) {
	keys, err := r.List()
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if k.Key.Fingerprint() == fingerprint {
			return lent{k.Key, r}, nil
		}
	}
	return nil, &MissingError{fingerprint}
}

// lent is a key in an agent. Each signature has a connection of its own, so
// that none stays open.
type lent struct {
	key  Key
	ring Ring
}

// Key implements Signer.
func (l lent) Key() Key { return l.key }

// Sign implements Signer.
func (l lent) Sign(ctx context.Context, namespace string, message []byte) (string, error) {
	conn, err := l.ring.dial()
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	signers, err := agent.NewClient(conn).Signers()
	if err != nil {
		return "", fmt.Errorf("the SSH agent does not answer: %w", err)
	}
	for _, s := range signers {
		if key, err := keyOf(s.PublicKey()); err == nil && key == l.key {
			return held{key, s}.Sign(ctx, namespace, message)
		}
	}
	return "", &MissingError{l.key.Fingerprint()}
}

// device is a key that only ssh-keygen can use. It asks for a PIN on the
// terminal itself.
type device struct {
	key  Key
	file string
	talk io.Writer
}

// Key implements Signer.
func (d device) Key() Key { return d.key }

// Sign implements Signer.
func (d device) Sign(ctx context.Context, namespace string, message []byte) (string, error) {
	cmd := exec.CommandContext(ctx, "ssh-keygen", "-Y", "sign", "-n", namespace, "-f", d.file)
	var out, said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(message), &out, &said
	if d.talk != nil {
		cmd.Stderr = io.MultiWriter(d.talk, &said)
	}
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("ssh-keygen did not sign with %s: %w: %s", d.file, err, strings.TrimSpace(said.String()))
	}
	if _, err := Verify(namespace, message, out.String()); err != nil {
		return "", fmt.Errorf("ssh-keygen did not sign with %s: %w", d.file, err)
	}
	return out.String(), nil
}
