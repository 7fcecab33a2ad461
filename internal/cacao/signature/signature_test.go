package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const unsigned = `{"type": "playbook", "spec_version": "cacao-2.0", "id": "playbook--1", "name": "Über <b> & \u2028",
  "modified": "2026-01-01T00:00:00.000Z", "priority": 1e1, "a": {"z": null, "b": [1.50, true]}}`

var (
	now       = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	edKey     = ed25519.NewKeyFromSeed(make([]byte, 32))
	strangers = ed25519.NewKeyFromSeed([]byte("another seed of exactly 32 bytes"))
)

func generated(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	out := map[string]crypto.Signer{"Ed25519": edKey}
	for _, name := range []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"} {
		out[name] = rsaKey
	}
	for name, curve := range map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()} {
		out[name], err = ecdsa.GenerateKey(curve, rand.Reader)
		require.NoError(t, err)
	}
	return out
}

// trust makes trusted keys of a public key, as an environment gives them.
func trust(t testing.TB, name string, public crypto.PublicKey) []Key {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	require.NoError(t, err)
	keys, err := ParseKeys(name, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	require.NoError(t, err)
	return keys
}

func printOf(t testing.TB, public crypto.PublicKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	require.NoError(t, err)
	return fmt.Sprintf("%x", sha256.Sum256(der))
}

func sign(t testing.TB, src string, draft Draft) string {
	t.Helper()
	if draft.Algorithm == "" {
		draft.Algorithm, draft.Key = "Ed25519", edKey
	}
	members := map[string]any{"id": "jss--1", "signee": "SOC", "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z"}
	for k, v := range draft.Members {
		members[k] = v
	}
	draft.Members = members
	out, err := Sign([]byte(src), draft)
	require.NoError(t, err)
	return string(out)
}

func verify(t testing.TB, src string, trusted []Key) []Finding {
	t.Helper()
	r, err := Verify([]byte(src), trusted, now)
	require.NoError(t, err)
	return r.Signatures
}

// TestWhatIsSigned spells the signed bytes out.
func TestWhatIsSigned(t *testing.T) {
	src := sign(t, unsigned, Draft{Members: map[string]any{"public_cert_chain": nil, "cert_url": "https://x.example.com/c"}})
	src = sign(t, src, Draft{Members: map[string]any{"id": "jss--2", "hash_algorithm": "sha-512"}})
	src = sign(t, src, Draft{Counter: true, Members: map[string]any{"id": "jss--3"}})
	doc, err := read([]byte(src))
	require.NoError(t, err)
	begin := "{\"a\":{\"b\":[1.5,true],\"z\":null},\"id\":\"playbook--1\",\"modified\":\"2026-01-01T00:00:00.000Z\",\"name\":\"Über <b> & \u2028\",\"priority\":10,\"signatures\":[{\"algorithm\":\"Ed25519\","
	middle := `"created":"2026-01-01T00:00:00.000Z","hash_algorithm":"HASH","id":"ID","modified":"2026-01-01T00:00:00.000Z","public_key":"MCowBQYDK2VwAyEAO2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik=","related_to":"playbook--1","related_version":"2026-01-01T00:00:00.000Z",`
	end := `"signee":"SOC","type":"jss"}],"spec_version":"cacao-2.0","type":"playbook"}`
	fill := func(text, hash, id string) string { return strings.NewReplacer("HASH", hash, "ID", id).Replace(text) }

	second, err := statementOf(doc.signatures[1])
	require.NoError(t, err)
	got, err := doc.hashed(second, nil)
	require.NoError(t, err)
	sum := sha512.Sum512([]byte(begin + fill(middle, "sha-512", "jss--2") + end))
	require.Equal(t, hex.EncodeToString(sum[:]), string(got), "the other signature and the countersignature are left out")

	inner, err := statementOf(second.members["signature"])
	require.NoError(t, err)
	got, err = doc.hashed(inner, []statement{second})
	require.NoError(t, err)
	nested := fill(middle, "sha-512", "jss--2") + `"signature":{"algorithm":"Ed25519",` + fill(middle, "sha-256", "jss--3") + `"signee":"SOC","type":"jss"},"signee":"SOC","type":"jss","value":"` + second.Value + `"}],"spec_version":"cacao-2.0","type":"playbook"}`
	sum256 := sha256.Sum256([]byte(begin + nested))
	require.Equal(t, hex.EncodeToString(sum256[:]), string(got), "a countersignature covers the value of what it signs")
}

func TestEveryAlgorithm(t *testing.T) {
	for name, key := range generated(t) {
		src := sign(t, unsigned, Draft{Algorithm: name, Key: key})
		trusted := append(trust(t, "other", strangers.Public()), trust(t, "soc", key.Public())...)
		good := Finding{ID: "jss--1", Signee: "SOC", Algorithm: name, Verdict: Valid, Key: "soc", Print: printOf(t, key.Public())}
		require.Equal(t, []Finding{good}, verify(t, src, trusted))
		who, ok := Report{[]Finding{good}}.Signed()
		require.Equal(t, []any{"soc", true}, []any{who, ok})

		unknown := Finding{ID: "jss--1", Signee: "SOC", Algorithm: name, Verdict: Unknown, Why: "it fits the playbook, but nobody trusts its key"}
		require.Equal(t, []Finding{unknown}, verify(t, src, trusted[:1]))
		_, ok = Report{[]Finding{unknown}}.Signed()
		require.False(t, ok)

		altered := strings.Replace(src, "Über", "Unter", 1)
		bad := Finding{ID: "jss--1", Signee: "SOC", Algorithm: name, Verdict: Invalid, Why: "it does not fit the playbook: the playbook or the signature was altered"}
		require.Equal(t, []Finding{bad}, verify(t, altered, trusted))
	}
}

// TestEveryChangeIsSeen changes each member in turn.
func TestEveryChangeIsSeen(t *testing.T) {
	src := sign(t, unsigned, Draft{Members: map[string]any{"valid_until": "2027-01-01T00:00:00.000Z"}})
	trusted := trust(t, "soc", edKey.Public())
	require.Equal(t, Valid, verify(t, src, trusted)[0].Verdict)

	changes := map[string]string{
		"a member of the playbook": strings.Replace(src, `"priority": 10`, `"priority": 11`, 1),
		"a null":                   strings.Replace(src, `"z": null`, `"z": ""`, 1),
		"a new member":             strings.Replace(src, "{", `{"workflow": {},`, 1),
		"the signee":               strings.Replace(src, `"SOC"`, `"CERT"`, 1),
		"the end":                  strings.Replace(src, "2027-01-01", "2028-01-01", 1),
		"a member by another case": strings.Replace(src, `"signee"`, `"VALUE": "x", "signee"`, 1),
		"the identity":             strings.ReplaceAll(src, "playbook--1", "playbook--2"),
		"the version": strings.Replace(src, `"modified": "2026-01-01T00:00:00.000Z",
  "name"`, `"modified": "2026-01-02T00:00:00.000Z",
  "name"`, 1),
	}
	for what, changed := range changes {
		require.NotEqual(t, src, changed, what)
		f := verify(t, changed, trusted)
		require.Equal(t, Invalid, f[0].Verdict, what)
		require.NotEmpty(t, f[0].Why)
	}
	var same map[string]any
	require.NoError(t, json.Unmarshal([]byte(src), &same))
	compact, err := json.Marshal(same)
	require.NoError(t, err)
	require.Equal(t, Valid, verify(t, string(compact), trusted)[0].Verdict, "how it is written does not count")
}

func TestSeveralSignaturesAndCountersignatures(t *testing.T) {
	keys := generated(t)
	src := sign(t, unsigned, Draft{Algorithm: "ES256", Key: keys["ES256"], Members: map[string]any{"id": "jss--a"}})
	src = sign(t, src, Draft{Members: map[string]any{"id": "jss--b"}})
	src = sign(t, src, Draft{Counter: true, Algorithm: "PS256", Key: keys["PS256"], Members: map[string]any{"id": "jss--c"}})
	trusted := append(trust(t, "soc", edKey.Public()), trust(t, "cert", keys["PS256"].Public())...)
	want := []Finding{
		{ID: "jss--a", Signee: "SOC", Algorithm: "ES256", Verdict: Unknown, Why: "it fits the playbook, but nobody trusts its key"},
		{ID: "jss--b", Signee: "SOC", Algorithm: "Ed25519", Verdict: Valid, Key: "soc", Print: printOf(t, edKey.Public()), Counter: &Finding{ID: "jss--c", Signee: "SOC", Algorithm: "PS256", Verdict: Valid, Key: "cert", Print: printOf(t, keys["PS256"].Public())}},
	}
	require.Equal(t, want, verify(t, src, trusted))

	var doc map[string]any
	require.NoError(t, json.Unmarshal([]byte(src), &doc))
	doc["signatures"].([]any)[1].(map[string]any)["value"] = base64.RawURLEncoding.EncodeToString(make([]byte, 64))
	bent, err := json.Marshal(doc)
	require.NoError(t, err)
	got := verify(t, string(bent), trusted)
	require.Equal(t, []Verdict{Invalid, Invalid}, []Verdict{got[1].Verdict, got[1].Counter.Verdict})
}

func TestTimesAndRevocation(t *testing.T) {
	trusted := trust(t, "soc", edKey.Public())
	for why, members := range map[string]map[string]any{
		"": {"valid_from": "2026-03-01T12:00:00.000Z", "valid_until": "2026-03-01T12:00:00.001Z"},
		"it counts only from 2026-03-01T12:00:01Z":       {"valid_from": "2026-03-01T12:00:01.000Z"},
		"it counted only until 2026-03-01T12:00:00Z":     {"valid_until": "2026-03-01T12:00:00.000Z"},
		"a time in it is not written as in RFC 3339":     {"valid_until": "tomorrow"},
		"whoever made it has revoked it":                 {"revoked": true},
		"its type is not jss":                            {"type": "jws"},
		"it belongs to another playbook":                 {"related_to": "playbook--2"},
		"it belongs to another version of the playbook":  {"related_version": "2026-01-02T00:00:00.000Z"},
		"it must name its key in one way, and does in 2": {"cert_url": "https://x.example.com", "thumbprint": "x"},
	} {
		f := verify(t, sign(t, unsigned, Draft{Members: members}), trusted)
		require.Equal(t, why, f[0].Why)
		require.Equal(t, why == "", f[0].Verdict == Valid)
	}
}

// authority makes certificates: an authority's, one between, and one for a key.
func authority(t *testing.T, leaf crypto.PublicKey) (root, between, end *x509.Certificate) {
	t.Helper()
	make := func(serial int64, ca bool, parent *x509.Certificate, public crypto.PublicKey, by crypto.Signer) *x509.Certificate {
		c := &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: string(rune('a' + serial))},
			NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IsCA: ca, BasicConstraintsValid: true,
		}
		if ca {
			c.KeyUsage = x509.KeyUsageCertSign
		}
		if parent == nil {
			parent = c
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, public, by)
		require.NoError(t, err)
		cert, err := x509.ParseCertificate(der)
		require.NoError(t, err)
		return cert
	}
	rootKey, middleKey := strangers, ed25519.NewKeyFromSeed([]byte("a third seed of exactly 32 bytes"))
	root = make(1, true, nil, rootKey.Public(), rootKey)
	between = make(2, true, root, middleKey.Public(), rootKey)
	return root, between, make(3, false, between, leaf, middleKey)
}

func certificate(t *testing.T, name string, c *x509.Certificate) []Key {
	t.Helper()
	keys, err := ParseKeys(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	require.NoError(t, err)
	return keys
}

func TestTheWaysToNameAKey(t *testing.T) {
	root, between, leaf := authority(t, edKey.Public())
	b64 := func(c *x509.Certificate) string { return base64.StdEncoding.EncodeToString(c.Raw) }
	print := sha256.Sum256(leaf.Raw)
	spki := sha256.Sum256(trust(t, "x", edKey.Public())[0].spki)
	none := "no trusted key fits, and irctl fetches none"
	stranger := "it fits the playbook, but nobody trusts its key"
	for _, c := range []struct {
		members map[string]any
		trusted []Key
		why     string
	}{
		{map[string]any{"public_cert_chain": []string{b64(leaf), b64(between)}}, certificate(t, "soc", root), ""},
		{map[string]any{"public_cert_chain": []string{b64(leaf)}}, certificate(t, "soc", between), ""},
		{map[string]any{"public_cert_chain": []string{b64(leaf)}}, trust(t, "soc", edKey.Public()), ""},
		{map[string]any{"public_cert_chain": []string{b64(leaf)}}, certificate(t, "soc", leaf), ""},
		{map[string]any{"public_cert_chain": []string{b64(leaf)}}, certificate(t, "soc", root), stranger},
		{map[string]any{"public_cert_chain": []string{b64(leaf)}}, nil, stranger},
		{map[string]any{"public_cert_chain": []string{"AAAA"}}, nil, "its certificates cannot be read"},
		{map[string]any{"public_key": "!"}, nil, "its public key is not base64"},
		{map[string]any{"public_key": "AAAA"}, nil, "its public key cannot be read"},
		{map[string]any{"cert_url": "https://soc.example.com/cert.pem"}, trust(t, "soc", edKey.Public()), ""},
		{map[string]any{"cert_url": "https://soc.example.com/cert.pem"}, trust(t, "soc", strangers.Public()), none},
		{map[string]any{"cert_url": "https://soc.example.com/cert.pem"}, nil, none},
		{map[string]any{"thumbprint": base64.RawURLEncoding.EncodeToString(print[:])}, certificate(t, "soc", leaf), ""},
		{map[string]any{"thumbprint": base64.RawURLEncoding.EncodeToString(spki[:])}, trust(t, "soc", edKey.Public()), ""},
		{map[string]any{"thumbprint": base64.RawURLEncoding.EncodeToString(print[:])}, trust(t, "soc", strangers.Public()), none},
		{map[string]any{"thumbprint": "!"}, trust(t, "soc", edKey.Public()), none},
	} {
		f := verify(t, sign(t, unsigned, Draft{Members: c.members}), c.trusted)
		require.Equal(t, c.why, f[0].Why, c.members)
		require.Equal(t, c.why == "", f[0].Verdict == Valid)
	}
}

// TestAKeyFitsItsAlgorithm: an algorithm that somebody else chose is not used
// with a key that was not made for it.
func TestAKeyFitsItsAlgorithm(t *testing.T) {
	trusted := trust(t, "soc", edKey.Public())
	for want, algorithm := range map[string]string{
		"its key is not one for RS256": "RS256", "its key is not one for ES256": "ES256",
		`irctl does not know its algorithm "none" and cannot check it`: "none", `irctl does not know its algorithm "HS256" and cannot check it`: "HS256", `irctl does not know its algorithm "" and cannot check it`: "",
	} {
		src := strings.Replace(sign(t, unsigned, Draft{}), `"algorithm": "Ed25519"`, `"algorithm": "`+algorithm+`"`, 1)
		f := verify(t, src, trusted)
		require.Equal(t, want, f[0].Why)
		require.NotEqual(t, Valid, f[0].Verdict)
	}
	_, err := Sign([]byte(unsigned), Draft{Algorithm: "RS256", Key: edKey})
	require.EqualError(t, err, "its key is not one for RS256")
	t.Setenv("GODEBUG", "rsa1024min=0")
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	_, err = Sign([]byte(unsigned), Draft{Algorithm: "RS256", Key: small})
	require.EqualError(t, err, "its RSA key has 1024 bits, and less than 2048 do not count")
}

func TestWhatCannotBeChecked(t *testing.T) {
	for want, src := range map[string]string{
		"Duplicate key":                  `{"id": "a", "id": "b"}`,
		"no canonical form":              `{"id": "\ud800"}`,
		"is not a JSON object":           `[]`,
		"signatures are not a list":      `{"signatures": {}}`,
		"so no signature can be checked": `{`,
	} {
		_, err := Verify([]byte(src), nil, now)
		require.ErrorContains(t, err, want)
	}
	require.Empty(t, verify(t, unsigned, nil))
	_, signed := Report{}.Signed()
	require.False(t, signed)
	for why, one := range map[string]string{
		"it is not a signature as CACAO describes it": `1`,
		"its type is not jss":                         `{}`,
	} {
		require.Equal(t, []Finding{{Verdict: Invalid, Why: why}}, verify(t, `{"signatures": [`+one+`]}`, nil))
	}
	for _, text := range []string{"", "no PEM", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"} {
		_, err := ParseKeys("soc", []byte(text))
		require.ErrorContains(t, err, "the key of soc")
	}
	_, err := Sign([]byte(unsigned), Draft{Algorithm: "Ed25519", Key: edKey, Counter: true})
	require.ErrorContains(t, err, "no signature that could be countersigned")
}

func FuzzVerify(f *testing.F) {
	f.Add([]byte(sign(f, unsigned, Draft{})))
	f.Add([]byte(`{"signatures": [{"type": "jss", "signature": {}}]}`))
	trusted := trust(f, "soc", edKey.Public())
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := Verify(src, trusted, now)
		if err != nil {
			return
		}
		for _, found := range r.Signatures {
			require.Contains(t, []Verdict{Valid, Invalid, Unknown}, found.Verdict)
			require.Equal(t, found.Verdict == Valid, found.Key != "" && found.Why == "")
		}
	})
}
