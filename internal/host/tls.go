package host

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"

	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/pkg/action"
)

// Encryption says how the connection to a server is protected: fields of its
// target's config.
type Encryption struct {
	TLS       bool
	CAFile    string // on this machine
	Plaintext bool
}

// Fields ties Encryption to its description.
func (e *Encryption) Fields() config.Fields {
	return config.Fields{
		config.Into(&e.TLS, action.Field{Name: "tls", Default: false, Description: "Encrypt the connection, and check the server's certificate."}),
		config.Into(&e.CAFile, action.Field{Name: "ca_file", Path: true, Description: "The certificate authority that signed the server's certificate, in PEM; without it the system's are trusted.", Example: "/etc/irctl/ca.pem"}),
		config.Into(&e.Plaintext, action.Field{Name: "plaintext", Default: false, Description: "Permit an unencrypted connection to another machine. Unencrypted loopback needs no permission."}),
	}
}

// Permits is the mistake of a connection to a server, by its name or address,
// that would leave this machine unprotected; nil is none.
func (e *Encryption) Permits(server string) []action.Problem {
	if e.TLS || e.Plaintext || IsLoopback(server) {
		return nil
	}
	return []action.Problem{{Input: "address", Message: "is another machine, and the connection is not encrypted", Hint: "set tls, or permit it with plaintext: true"}}
}

// TLS is how to encrypt a connection to a server of this name: by TLS 1.2 or
// later, with a certificate of one of the authorities in caFile, a PEM file on
// this machine, or of the system's if that is "".
func TLS(server, caFile string) (*tls.Config, error) {
	conf := &tls.Config{ServerName: server, MinVersion: tls.VersionTLS12}
	if caFile == "" {
		return conf, nil
	}
	pem, err := os.ReadFile(caFile)
	if err == nil {
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			err = errors.New("the file holds no certificate")
		}
	}
	if err != nil {
		return nil, &action.Error{Message: "the certificate authority in " + caFile + " cannot be used", Hint: "correct ca_file in the environment's target", Cause: err, Permanent: true}
	}
	return conf, nil
}

// IsLoopback reports whether a host's name or address is the machine itself,
// so that what is sent there stays on it.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
