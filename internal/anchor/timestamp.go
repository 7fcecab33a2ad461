package anchor

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	_ "crypto/sha256" // for timestamp
	_ "crypto/sha512" // authorities sign with these
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"

	"github.com/irctl/irctl/internal/httpclient"
)

// Authority is who signs a digest together with the time (RFC 3161).
type Authority struct {
	URL   string
	Roots *x509.CertPool // whose certificates are trusted; nil is the system's
}

// Stamp has the authority sign the text of a checkpoint. It returns the answer
// as it came, for CheckStamp and for openssl ts.
func (a Authority) Stamp(ctx context.Context, c *httpclient.Client, text []byte) ([]byte, error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		return nil, err
	}
	ask, err := timestamp.CreateRequest(bytes.NewReader(text), &timestamp.RequestOptions{Hash: crypto.SHA256, Certificates: true, Nonce: nonce})
	if err != nil {
		return nil, err
	}
	r, err := c.Do(ctx, httpclient.Request{Method: http.MethodPost, URL: a.URL, Body: ask, ContentType: "application/timestamp-query"})
	if err != nil {
		return nil, err
	}
	if !r.Success() {
		return nil, r.Unexpected()
	}
	at, err := timestamp.ParseResponse(r.Body)
	if err == nil && (at.Nonce == nil || at.Nonce.Cmp(nonce) != 0) {
		err = errors.New("it answers another request")
	}
	if err == nil {
		_, err = CheckStamp(r.Body, text, a.Roots)
	}
	if err != nil {
		return nil, fmt.Errorf("what the authority answered is no time-stamp of what it was sent: %w", err)
	}
	return r.Body, nil
}

// UntrustedError says that nothing is wrong with a time-stamp but that no
// certificate authority that is trusted vouches for who signed it.
type UntrustedError struct{ Err error }

// Error implements error.
func (e *UntrustedError) Error() string {
	return "the authority's certificate is not trusted: " + e.Err.Error()
}

// Unwrap returns why.
func (e *UntrustedError) Unwrap() error { return e.Err }

// CheckStamp tells when an authority, whose certificate leads to roots, signed
// a text.
func CheckStamp(answer, text []byte, roots *x509.CertPool) (time.Time, error) {
	stamp, err := timestamp.ParseResponse(answer) // it checks the signature of the certificate that is in it
	if err != nil {
		return time.Time{}, fmt.Errorf("the time-stamp cannot be read or is not signed well: %w", err)
	}
	if !stamp.HashAlgorithm.Available() || stamp.HashAlgorithm.Size() < crypto.SHA256.Size() {
		return time.Time{}, errors.New("the time-stamp is of a digest that is too weak")
	}
	h := stamp.HashAlgorithm.New()
	h.Write(text)
	if !bytes.Equal(h.Sum(nil), stamp.HashedMessage) {
		return time.Time{}, errors.New("the time-stamp is of something else")
	}
	token, err := pkcs7.Parse(stamp.RawToken)
	if err != nil {
		return time.Time{}, fmt.Errorf("the time-stamp cannot be read: %w", err)
	}
	if roots == nil {
		if roots, err = x509.SystemCertPool(); err != nil {
			return time.Time{}, fmt.Errorf("this system's certificate authorities cannot be read: %w", err)
		}
	}
	if err := token.VerifyWithChainAtTime(roots, stamp.Time); err != nil {
		return time.Time{}, &UntrustedError{err}
	}
	// RFC 3161 section 2.3: the certificate is for time-stamps and nothing else.
	signer := token.GetOnlySigner()
	if signer == nil || !slices.Equal(signer.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}) {
		return time.Time{}, errors.New("the certificate that signed is not that of a time-stamp authority")
	}
	return stamp.Time.UTC(), nil
}
