package host

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"

	"github.com/irctl/irctl/pkg/action"
)

// Encryption are the fields of a target's config that say how the connection to
// a server is protected, for [TLS].
func Encryption() []action.Field {
	return []action.Field{
		{Name: "tls", Type: action.Bool, Default: false, Description: "Encrypt the connection, and check the server's certificate."},
		{Name: "ca_file", Type: action.String, Path: true, Description: "The certificate authority that signed the server's certificate, in PEM; without it the system's are trusted.", Example: "/etc/irctl/ca.pem"},
		{Name: "plaintext", Type: action.Bool, Default: false, Description: "Permit an unencrypted connection to another machine. Unencrypted loopback needs no permission."},
	}
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
