package connector

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is kept out of answers grew with each request that had a token, so that a
// thousand pages took minutes.
func TestATokenIsHiddenOnceHoweverOftenItIsUsed(t *testing.T) {
	p := &proof{}
	for range 3 {
		p.conceal("given-token")
	}
	require.Len(t, p.hidden, 1)
}

// A request with a form is signed as AWS says, with the form in what is signed: the
// signature is worked out here anew, step by step (AWS General Reference, "Create a
// signed AWS API request").
func TestAFormIsSigned(t *testing.T) {
	body := []byte("Action=UpdateAccessKey&Status=Inactive&UserName=a%2Bb")
	r, err := http.NewRequest(http.MethodPost, "https://iam.example.com/", bytes.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	p := &proof{parts: map[string]string{"access_key": "AKID", "secret_key": "s3cret", "service": "iam", "region": "us-east-1"}}
	require.NoError(t, p.sign(r, body))
	said := regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=AKID/([0-9]{8})/us-east-1/iam/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$`).FindStringSubmatch(r.Header.Get("Authorization"))
	require.NotNil(t, said, r.Header.Get("Authorization"))
	sum := func(b []byte) string { h := sha256.Sum256(b); return hex.EncodeToString(h[:]) }
	mac := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		_, _ = h.Write([]byte(text))
		return h.Sum(nil)
	}
	request := "POST\n/\n\n"
	for name := range strings.SplitSeq(said[2], ";") {
		value := r.Header.Get(name)
		switch name {
		case "host":
			value = r.URL.Host
		case "content-length":
			value = strconv.Itoa(len(body))
		}
		request += name + ":" + value + "\n"
	}
	request += "\n" + said[2] + "\n" + sum(body)
	text := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), said[1] + "/us-east-1/iam/aws4_request", sum([]byte(request))}, "\n")
	key := []byte("AWS4s3cret")
	for _, part := range []string{said[1], "us-east-1", "iam", "aws4_request"} {
		key = mac(key, part)
	}
	require.Equal(t, said[3], hex.EncodeToString(mac(key, text)))
}
