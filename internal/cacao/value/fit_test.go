package value_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/irctl/irctl/internal/cacao/value"
)

// TestFit gives each type a value that it takes and one that it refuses.
func TestFit(t *testing.T) {
	for kind, c := range map[string]struct{ good, bad string }{
		"bool": {"true", "yes"}, "integer": {"-7", "1.5"}, "long": {"9223372036854775807", "9223372036854775808"}, "float": {"1e-3", "one"},
		"hexstring": {"00ff", "0"}, "hash": {"abc", "xyz"}, "md5-hash": {"d41d8cd98f00b204e9800998ecf8427e", "d41d"},
		"sha256-hash": {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "e3b0"},
		"ipv4-addr":   {"203.0.113.0/24", "2001:db8::1"}, "ipv6-addr": {"2001:db8::1", "203.0.113.7"}, "mac-addr": {"00:00:5e:00:53:01", "00:00:5e"},
		"uri": {"https://example.com/", "example"}, "uuid": {"b1f5a8c0-8f0a-4a55-9d0e-0c6c9b1f7a21", "b1f5"},
	} {
		got, err := value.Fit(kind, c.good)
		require.NoError(t, err, kind)
		require.Equal(t, c.good, got, "the text stays as it was given")
		_, err = value.Fit(kind, c.bad)
		require.ErrorContains(t, err, "is not", kind)
		for _, known := range []any{nil, ""} { // unknown, and known to be empty
			got, err := value.Fit(kind, known)
			require.NoError(t, err, kind)
			require.Equal(t, known, got, kind)
		}
	}
	got, err := value.Fit("dictionary", `{"hosts": 3}`)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"hosts": 3.0}, got)
	_, err = value.Fit("dictionary", "[]")
	require.Error(t, err)
	got, err = value.Fit("colour", "anything")
	require.NoError(t, err)
	require.Equal(t, "anything", got)
	got, err = value.Fit("integer", int64(7))
	require.NoError(t, err)
	require.Equal(t, "7", got)
}

func TestNative(t *testing.T) {
	for _, c := range []struct {
		kind    string
		v, want any
	}{
		{"integer", "007", int64(7)}, {"long", "9223372036854775807", int64(9223372036854775807)}, {"float", "1.50", 1.5}, {"bool", "TRUE", true},
		{"integer", "", ""}, {"bool", nil, nil}, {"string", int64(7), "7"}, {"dictionary", `{"a": "b"}`, map[string]any{"a": "b"}}, {"colour", "red", "red"},
	} {
		got, err := value.Native(c.kind, c.v)
		require.NoError(t, err, c.kind)
		require.Equal(t, c.want, got, c.kind)
	}
	_, err := value.Native("integer", "many")
	require.ErrorContains(t, err, "is not of type integer")
	require.Regexp(t, value.Pattern("uuid"), "b1f5a8c0-8f0a-4a55-9d0e-0c6c9b1f7a21")
	require.Empty(t, value.Pattern("string"))
}
