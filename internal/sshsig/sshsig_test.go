package sshsig_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/pem"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/irctl/irctl/internal/sshsig"
)

const message = "what was decided\n"

// keygen runs ssh-keygen in a folder.
func keygen(t *testing.T, dir, stdin string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("ssh-keygen", args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	cmd.Env = append(os.Environ(), "SSH_AUTH_SOCK=", "SSH_ASKPASS=", "DISPLAY=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// newKey makes a key with OpenSSH and returns the path of its file.
func newKey(t *testing.T, name string, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	out, err := keygen(t, filepath.Dir(file), "", append([]string{"-q", "-C", name, "-f", file}, args...)...)
	require.NoError(t, err, out)
	return file
}

func publicKey(t *testing.T, file string) sshsig.Key {
	t.Helper()
	text, err := os.ReadFile(file + ".pub")
	require.NoError(t, err)
	key, err := sshsig.ParseKey(string(text))
	require.NoError(t, err)
	return key
}

// opensshTakes holds a signature against ssh-keygen -Y verify.
func opensshTakes(t *testing.T, key sshsig.Key, namespace, text, signature string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "allowed"), []byte("dana "+string(key)+"\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sig"), []byte(signature), 0o600))
	return keygen(t, dir, text, "-Y", "verify", "-f", "allowed", "-I", "dana", "-n", namespace, "-s", "sig")
}

var kinds = map[string][]string{
	"ed25519": {"-t", "ed25519", "-N", ""},
	"ecdsa":   {"-t", "ecdsa", "-b", "384", "-N", ""},
	"rsa":     {"-t", "rsa", "-b", "2048", "-N", ""},
	"pem":     {"-t", "rsa", "-b", "2048", "-m", "PEM", "-N", ""},
}

func TestOpenSSHVerifiesWhatIsSignedHere(t *testing.T) {
	for name, args := range kinds {
		t.Run(name, func(t *testing.T) {
			file := newKey(t, name, args...)
			s, err := sshsig.Ring{}.Open(file)
			require.NoError(t, err)
			require.Equal(t, publicKey(t, file), s.Key())
			signature, err := s.Sign(context.Background(), sshsig.Approval, []byte(message))
			require.NoError(t, err)

			out, err := opensshTakes(t, s.Key(), sshsig.Approval, message, signature)
			require.NoError(t, err, out)
			_, err = opensshTakes(t, s.Key(), sshsig.Runbook, message, signature)
			require.Error(t, err, "another namespace")
			_, err = opensshTakes(t, s.Key(), sshsig.Approval, message+" ", signature)
			require.Error(t, err, "another text")
		})
	}
}

func TestWhatOpenSSHSignedIsVerifiedHere(t *testing.T) {
	for name, args := range kinds {
		for _, hash := range []string{"sha512", "sha256"} {
			t.Run(name+"-"+hash, func(t *testing.T) {
				file := newKey(t, name, args...)
				signature, err := keygen(t, t.TempDir(), message, "-q", "-Y", "sign", "-O", "hashalg="+hash, "-n", sshsig.Approval, "-f", file)
				require.NoError(t, err, signature)

				key, err := sshsig.Verify(sshsig.Approval, []byte(message), signature)
				require.NoError(t, err)
				require.Equal(t, publicKey(t, file), key)

				_, err = sshsig.Verify(sshsig.Runbook, []byte(message), signature)
				require.ErrorIs(t, err, sshsig.ErrSignature)
				_, err = sshsig.Verify(sshsig.Approval, []byte(message+"\n"), signature)
				require.ErrorIs(t, err, sshsig.ErrSignature)
			})
		}
	}
}

// TestEveryBitOfASignatureCounts: whoever changes a signature has none, so that
// the same decision cannot be shown twice under two looks.
func TestEveryBitOfASignatureCounts(t *testing.T) {
	s, err := sshsig.Ring{}.Open(newKey(t, "k", kinds["ed25519"]...))
	require.NoError(t, err)
	signature, err := s.Sign(context.Background(), sshsig.Approval, []byte(message))
	require.NoError(t, err)
	block, _ := pem.Decode([]byte(signature))
	for i := range block.Bytes {
		for bit := range 8 {
			other := bytes.Clone(block.Bytes)
			other[i] ^= 1 << bit
			_, err := sshsig.Verify(sshsig.Approval, []byte(message), string(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: other})))
			require.ErrorIs(t, err, sshsig.ErrSignature, "byte %d, bit %d", i, bit)
		}
	}
	for name, text := range map[string]string{
		"nothing":     "",
		"text before": "Sure:\n" + signature,
		"text behind": signature + "Thanks.\n",
		"two":         signature + signature,
		"a header":    strings.Replace(signature, "\n", "\nX: y\n\n", 1),
		"other type":  strings.ReplaceAll(signature, "SSH SIGNATURE", "PGP SIGNATURE"),
		"more":        string(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: append(bytes.Clone(block.Bytes), 0)})),
	} {
		_, err := sshsig.Verify(sshsig.Approval, []byte(message), text)
		require.ErrorIs(t, err, sshsig.ErrSignature, name)
	}
}

func TestKeyWithPassphrase(t *testing.T) {
	for name, args := range map[string][]string{"new": nil, "pem": {"-m", "PEM"}} {
		t.Run(name, func(t *testing.T) {
			file := newKey(t, "k", append([]string{"-t", "rsa", "-b", "2048", "-N", "correct horse"}, args...)...)

			_, err := sshsig.Ring{}.Open(file)
			var locked *sshsig.LockedError
			require.ErrorAs(t, err, &locked)
			require.Equal(t, "ssh-add "+file, locked.Advice())

			answer := "wrong"
			ring := sshsig.Ring{Passphrase: func(asked string) ([]byte, error) {
				require.Equal(t, file, asked)
				return []byte(answer), nil
			}}
			_, err = ring.Open(file)
			require.Error(t, err)
			require.NotContains(t, err.Error(), answer)

			answer = "correct horse"
			s, err := ring.Open(file)
			require.NoError(t, err)
			signature, err := s.Sign(context.Background(), sshsig.Approval, []byte(message))
			require.NoError(t, err)
			out, err := opensshTakes(t, publicKey(t, file), sshsig.Approval, message, signature)
			require.NoError(t, err, out)
		})
	}
}

// startAgent starts an agent of OpenSSH that ends with the test, and returns its
// socket.
func startAgent(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "agent") // the path of a socket is short
	require.NoError(t, err)
	socket := filepath.Join(dir, "s")
	cmd := exec.Command("ssh-agent", "-D", "-a", socket)
	said, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = os.RemoveAll(dir)
	})
	_, err = said.Read(make([]byte, 1)) // it says where it listens once it does
	require.NoError(t, err)
	go func() { _, _ = io.Copy(io.Discard, said) }()
	return socket
}

func TestKeyInAnAgent(t *testing.T) {
	socket := startAgent(t)
	ring := sshsig.Ring{Agent: socket}
	for name, args := range kinds {
		t.Run(name, func(t *testing.T) {
			file := newKey(t, name, args...)
			_, err := ring.Open(publicKey(t, file).Fingerprint())
			var missing *sshsig.MissingError
			require.ErrorAs(t, err, &missing)

			add := exec.Command("ssh-add", "-q", file)
			add.Env = append(os.Environ(), "SSH_AUTH_SOCK="+socket)
			out, err := add.CombinedOutput()
			require.NoError(t, err, string(out))
			require.NoError(t, os.Remove(file), "from here on the agent alone has it")

			for _, by := range []string{publicKey(t, file).Fingerprint(), file + ".pub"} {
				s, err := ring.Open(by)
				require.NoError(t, err)
				signature, err := s.Sign(context.Background(), sshsig.Approval, []byte(message))
				require.NoError(t, err)
				out, err := opensshTakes(t, publicKey(t, file), sshsig.Approval, message, signature)
				require.NoError(t, err, out)
			}
			keys, err := ring.List()
			require.NoError(t, err)
			require.True(t, slices.ContainsFunc(keys, func(k sshsig.InAgent) bool {
				return k.Key == publicKey(t, file) && filepath.Base(k.Comment) == name // an old format has no comment of its own
			}))
		})
	}
	t.Run("with a passphrase", func(t *testing.T) {
		file := newKey(t, "k", "-t", "ed25519", "-N", "")
		add := exec.Command("ssh-add", "-q", file)
		add.Env = append(os.Environ(), "SSH_AUTH_SOCK="+socket)
		require.NoError(t, add.Run())
		out, err := keygen(t, filepath.Dir(file), "", "-q", "-p", "-N", "correct horse", "-f", file)
		require.NoError(t, err, out)
		s, err := ring.Open(file)
		require.NoError(t, err, "nobody is asked for the passphrase of a key that the agent holds")
		require.Equal(t, publicKey(t, file), s.Key())
	})
	_, err := sshsig.Ring{Agent: socket + "gone"}.List()
	require.Error(t, err)
	none, err := sshsig.Ring{}.List()
	require.NoError(t, err)
	require.Empty(t, none)
}

// touched signs like a FIDO device (PROTOCOL.u2f): over the text's digest, the
// flags and a counter.
type touched struct {
	key   ed25519.PrivateKey
	flags byte
}

func (d touched) PublicKey() ssh.PublicKey {
	pub, err := ssh.ParsePublicKey(ssh.Marshal(struct {
		Type, Key, Application string
	}{ssh.KeyAlgoSKED25519, string(d.key.Public().(ed25519.PublicKey)), "ssh:"}))
	if err != nil {
		panic(err)
	}
	return pub
}

func (d touched) sign(namespace, text string) string {
	hashed := sha256.Sum256(append([]byte("SSHSIG"), ssh.Marshal(struct{ Namespace, Reserved, Hash, Digest string }{namespace, "", "sha256", sum(text)})...))
	application := sha256.Sum256([]byte("ssh:"))
	signed := append(append(application[:], d.flags, 0, 0, 0, 7), hashed[:]...)
	blob := ssh.Marshal(struct {
		Format string
		Blob   []byte
		Flags  byte
		Count  uint32
	}{ssh.KeyAlgoSKED25519, ed25519.Sign(d.key, signed), d.flags, 7})
	whole := ssh.Marshal(struct {
		Magic                           [6]byte
		Version                         uint32
		Key, Namespace, Reserved, Hash_ string
		Signature                       string
	}{[6]byte([]byte("SSHSIG")), 1, string(d.PublicKey().Marshal()), namespace, "", "sha256", string(blob)})
	return string(pem.EncodeToMemory(&pem.Block{Type: "SSH SIGNATURE", Bytes: whole}))
}

func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return string(s[:])
}

func TestSignatureOfADeviceNeedsATouch(t *testing.T) {
	d := touched{ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)), 1}
	signature := d.sign(sshsig.Approval, message)
	key, err := sshsig.Verify(sshsig.Approval, []byte(message), signature)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(key), "sk-ssh-ed25519@openssh.com "))
	out, err := opensshTakes(t, key, sshsig.Approval, message, signature)
	require.NoError(t, err, out)

	d.flags = 0
	_, err = sshsig.Verify(sshsig.Approval, []byte(message), d.sign(sshsig.Approval, message))
	require.ErrorIs(t, err, sshsig.ErrSignature)
}

func TestWeakKeysDoNotCount(t *testing.T) {
	file := newKey(t, "k", "-t", "rsa", "-b", "1024", "-N", "")
	text, err := os.ReadFile(file + ".pub")
	require.NoError(t, err)
	_, err = sshsig.ParseKey(string(text))
	require.ErrorIs(t, err, sshsig.ErrNoKey)
	signature, err := keygen(t, t.TempDir(), message, "-q", "-Y", "sign", "-n", sshsig.Approval, "-f", file)
	require.NoError(t, err, signature)
	_, err = sshsig.Verify(sshsig.Approval, []byte(message), signature)
	require.ErrorIs(t, err, sshsig.ErrSignature)
}

const someKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

func TestAllowedSigners(t *testing.T) {
	list, err := sshsig.ParseAllowed("# who signs\n" +
		`dana@example.com,sam@* namespaces="irctl-*,!irctl-evidence@v1",valid-after="20260101Z",valid-before="20270101120000Z" ` + someKey + " Dana\n\n")
	require.NoError(t, err)
	require.Equal(t, []string{"dana@example.com", "sam@*"}, list[0].Principals)
	at := func(text string) time.Time {
		when, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return when
	}
	now := at("2026-06-01T00:00:00Z")
	whose := func(namespace string, at time.Time) error {
		_, err := sshsig.Whose(list, someKey, namespace, at)
		return err
	}
	require.NoError(t, whose(sshsig.Runbook, now))
	require.NoError(t, whose(sshsig.Runbook, at("2026-01-01T00:00:00Z")))
	require.NoError(t, whose(sshsig.Runbook, at("2027-01-01T12:00:00Z")))
	require.EqualError(t, whose(sshsig.Evidence, now), "the key does not count for irctl-evidence@v1")
	require.EqualError(t, whose("file", now), "the key does not count for file")
	require.EqualError(t, whose(sshsig.Runbook, at("2025-12-31T23:59:59Z")), "the key counts only from 2026-01-01T00:00:00Z on")
	require.EqualError(t, whose(sshsig.Runbook, at("2027-01-01T12:00:01Z")), "the key has not counted since 2027-01-01T12:00:00Z")
	_, err = sshsig.Whose(list, "ssh-ed25519 other", sshsig.Runbook, now)
	require.ErrorIs(t, err, sshsig.ErrStranger)

	for line, want := range map[string]string{
		"dana cert-authority " + someKey:              "line 2: keys of certificate authorities are not taken: name the key that signs",
		`dana valid-before="20270101" ` + someKey:     `line 2: "20270101" is not a time: write YYYYMMDDZ or YYYYMMDDHHMMSSZ, in UTC`,
		"dana no-touch-required " + someKey:           `line 2: "no-touch-required" is not an option of a key that signs: namespaces, valid-after and valid-before are`,
		"dana":                                        "line 2: not an SSH public key",
		"dana ssh-ed25519 AAAA":                       "line 2: not an SSH public key",
		"dana ssh-ed25519-cert-v01@openssh.com AAAAx": "line 2: not an SSH public key",
	} {
		_, err := sshsig.ParseAllowed("\n" + line + "\n")
		require.EqualError(t, err, want)
	}
}

// TestOpenSSHReadsTimesAlike: the same line permits and refuses the same times
// at ssh-keygen.
func TestOpenSSHReadsTimesAlike(t *testing.T) {
	file := newKey(t, "k", kinds["ed25519"]...)
	signature, err := keygen(t, t.TempDir(), message, "-q", "-Y", "sign", "-n", sshsig.Runbook, "-f", file)
	require.NoError(t, err, signature)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sig"), []byte(signature), 0o600))
	for _, options := range []string{
		`valid-after="20260101Z"`, `valid-before="20260101Z"`, `valid-before="202601010000Z"`, `valid-before="20260101000000Z"`,
		`namespaces="irctl-*"`, `namespaces="file,*!"`, `namespaces="!irctl-runbook@v1,*"`, `namespaces="irctl-runbook@v?"`,
	} {
		line := "dana " + options + " " + string(publicKey(t, file)) + "\n"
		require.NoError(t, os.WriteFile(filepath.Join(dir, "allowed"), []byte(line), 0o600))
		list, err := sshsig.ParseAllowed(line)
		require.NoError(t, err)
		for stamp, at := range map[string]time.Time{
			"20251231235959Z": time.Date(2025, 12, 31, 23, 59, 59, 0, time.UTC),
			"20260101000000Z": time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
			"20260101000001Z": time.Date(2026, 1, 1, 0, 0, 1, 0, time.UTC),
		} {
			out, theirs := keygen(t, dir, message, "-Y", "verify", "-f", "allowed", "-I", "dana", "-n", sshsig.Runbook, "-s", "sig", "-O", "verify-time="+stamp)
			_, ours := sshsig.Whose(list, publicKey(t, file), sshsig.Runbook, at)
			require.Equal(t, theirs == nil, ours == nil, "%s at %s: %s", options, stamp, out)
		}
	}
}
