package login

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/irctl/irctl/pkg/action"
)

// Old is none: which keys an account has, the machine says.
func (k *Keys) Old() action.Secret { return action.Secret{} }

// Make makes a private key (Ed25519, in OpenSSH's form, without a passphrase).
func (k *Keys) Make(int64) (action.Secret, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return action.Secret{}, err
	}
	block, err := ssh.MarshalPrivateKey(private, "made by irctl")
	if err != nil {
		return action.Secret{}, err
	}
	return action.NewSecret(string(pem.EncodeToMemory(block))), nil
}

func signer(private action.Secret) (ssh.Signer, error) {
	s, err := ssh.ParsePrivateKey([]byte(private.Reveal() + "\n"))
	if err != nil {
		return nil, &action.Error{Message: "what is stored is not a private key", Hint: "rotate the account anew", Permanent: true}
	}
	return s, nil
}

func publicOf(private action.Secret) (key, error) {
	s, err := signer(private)
	if err != nil {
		return "", err
	}
	return key(s.PublicKey().Marshal()), nil
}

// replaced is a text of authorized_keys in which one key stands for all others:
// in the place of the first, with its options, unless it was placed in another
// file. Here says that it stands in this one.
func replaced(text string, mine key, account string, placed bool) (after string, here bool) {
	var b strings.Builder
	for line := range strings.Lines(text) {
		switch key := keyIn(line); {
		case key == "":
			b.WriteString(line)
		case placed || here:
		case key == mine:
			b.WriteString(line)
			here = true
		default:
			_, _, options, _, _ := ssh.ParseAuthorizedKey([]byte(strings.TrimSpace(line)))
			if len(options) > 0 {
				b.WriteString(strings.Join(options, ",") + " ")
			}
			b.WriteString(mine.bare(account))
			here = true
		}
	}
	return b.String(), here
}

// Accepts signs in as an account with a private key.
func (k *Keys) Accepts(ctx context.Context, account string, private action.Secret) (bool, error) {
	s, err := k.server(ctx, account)
	if err != nil {
		return false, err
	}
	signs, err := signer(private)
	if err != nil {
		return false, err
	}
	return k.signIn(ctx, s, account, signs)
}

// wouldAccept asks the server whether it accepts a public key, whose private
// key nobody needs for that (RFC 4252 section 7).
func (k *Keys) wouldAccept(ctx context.Context, s server, account string, pub ssh.PublicKey) (bool, error) {
	q := &question{pub: pub}
	_, err := k.signIn(ctx, s, account, q)
	return q.asked, err
}

// question is a key without its private part. The server asks for a signature
// only of a key that it accepts.
type question struct {
	pub   ssh.PublicKey
	asked bool
}

var errOnlyAsking = errors.New("irctl only asks")

func (q *question) PublicKey() ssh.PublicKey { return q.pub }

func (q *question) Sign(io.Reader, []byte) (*ssh.Signature, error) {
	q.asked = true
	return nil, errOnlyAsking
}

// SignWithAlgorithm implements ssh.AlgorithmSigner, without which a key of RSA
// would be offered for signatures with SHA-1 alone, which servers refuse.
func (q *question) SignWithAlgorithm(r io.Reader, data []byte, _ string) (*ssh.Signature, error) {
	return q.Sign(r, data)
}

// signInTime bounds one sign-in.
const signInTime = 20 * time.Second

// signIn tries one key. It is an error if the one who answers does not show a
// host key of the machine.
func (k *Keys) signIn(ctx context.Context, s server, account string, signs ssh.Signer) (in bool, err error) {
	met := false
	ctx, cancel := context.WithTimeout(ctx, signInTime)
	defer cancel()
	raw, err := k.h.DialContext(ctx, "tcp", s.address)
	if err != nil {
		return false, err
	}
	defer func() { _ = raw.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	conf := &ssh.ClientConfig{
		User: account, Auth: []ssh.AuthMethod{ssh.PublicKeys(signs)},
		HostKeyCallback: func(_ string, _ net.Addr, shown ssh.PublicKey) error {
			for _, known := range s.hostKeys {
				if string(known.Marshal()) == string(shown.Marshal()) {
					met = true
					return nil
				}
			}
			return errors.New("another server answered")
		},
	}
	conn, channels, requests, err := ssh.NewClientConn(raw, s.address, conf)
	if err == nil {
		go ssh.DiscardRequests(requests)
		go func() {
			for c := range channels {
				_ = c.Reject(ssh.Prohibited, "")
			}
		}()
		return true, conn.Close()
	}
	if !met || ctx.Err() != nil {
		return false, &action.Error{
			Message: "no sign-in could be tried at " + action.CleanLine(s.address, 80) + " on " + k.h.String(),
			Hint:    "check that the SSH server listens there, and `address` of the environment's target", Cause: errors.New(action.CleanLine(err.Error(), 200)),
		}
	}
	return false, nil
}
