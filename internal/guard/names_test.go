package guard

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAnAccountIsOneInEverySpelling holds spellings of one account against it, and
// accounts that are others.
func TestAnAccountIsOneInEverySpelling(t *testing.T) {
	for _, text := range []string{
		"breakglass", "BREAKGLASS", " break\u00adglass ", "break\u200bglass", "break\ufe0fglass", "break\u3164glass", "ｂｒｅａｋｇｌａｓｓ", "bréakglass",
		`CORP\breakglass`, "corp/breakglass", "corp.example.com/People/breakglass", `CORP\\breakglass`, "ＣＯＲＰ＼breakglass",
		"breakglass@corp", "breakglass@example.com", "breakglass@corp.example.com", "Breakglass@EXAMPLE.com.", "breakglass＠example.com", "breakglass@example.onmicrosoft.com",
		"smtp:breakglass@example.com", "SMTP:breakglass@example.com", "mailto:breakglass@example.com", "acct:breakglass@example.com", "breakglass+now@example.com",
		`"breakglass"@example.com`, "Break Glass <breakglass@example.com>", "<breakglass@example.com>", "breakglass_example.com#EXT#@tenant.onmicrosoft.com", "breakglass%40example.com",
		"uid=breakglass,ou=people,dc=example,dc=com", "uid = breakglass", "UID =breakglass , ou=people", "CN=BreakGlass", `uid=break\67lass,dc=example`, `break\67lass`, `uid="breakglass",dc=example`,
		"cn=Somebody+uid=breakglass,ou=people", "0.9.2342.19200300.100.1.1=breakglass,dc=example", "uid=#040A627265616B676C617373,dc=example", "breakglass/admin@EXAMPLE.COM",
	} {
		require.True(t, sameAccount("breakglass@example.com", text), text)
		require.True(t, sameAccount("breakglass", text), text)
		require.True(t, sameAccount(text, "breakglass"), text)
	}
	for _, text := range []string{"", "breakglas", "breakglass2", "alice", "breakglass@example.net", "uid=alice,ou=breakglass", "@example.com", "breakglass-old@example.com"} {
		require.False(t, sameAccount("breakglass@example.com", text), text)
	}
}

// TestAMachineIsOneInEverySpelling does so for machines.
func TestAMachineIsOneInEverySpelling(t *testing.T) {
	for want, texts := range map[string][]string{
		"dc1.example.com": {
			"dc1.example.com", "DC1.Example.COM.", "ｄｃ１.example.com", "dc1。example。com", "dc1｡example.com", "dc\u00ad1.example.com", "dc1\u200d.example.com", "dc1[.]example(.)com", "dc1[dot]example.com",
			"root@dc1.example.com", "dc1.example.com:22", "dc1.example.com:", "https://dc1.example.com:8443/x?y=a@b", "HXXPS://dc1[.]example[.]com", "https://u:p@dc1.example.com", "//dc1.example.com/c$", `\\dc1.example.com\c$`,
			"dc1.example.com/x", "dc1%2Eexample.com", "https://dc1%2eexample.com/", `https://dc1.example.com\x`, " dc1.example.com\t", "x/y@dc1.example.com",
		},
		"192.0.2.5": {
			"192.0.2.5", "192.0.2.5:22", "::ffff:192.0.2.5", "[::ffff:c000:205]:22", "[::ffff:192.0.2.5]", "64:ff9b::192.0.2.5", "64:ff9b::c000:205", "192.0.517", "3221225989", "0xc0000205", "0300.0.2.5", "１９２.0.2.5",
			"ssh://root@192.0.2.5:22/", "192[.]0[.]2[.]5",
		},
		"2001:db8::5": {"2001:db8::5", "2001:DB8:0:0::5", "[2001:db8::5]:443", "https://[2001:db8::5]/", "fe80::5%eth0@2001:db8::5"},
		"dc1":         {"dc1", `CORP\DC1$`, "//dc1/share"},
		"":            {"", "two words", "a=b", "c:d"},
	} {
		for _, text := range texts {
			require.Equal(t, want, hostOf(text), text)
		}
	}
}

// TestWhatMayBeAnotherAccountCountsAsOne: a limit counts each, in any letters.
func TestWhatMayBeAnotherAccountCountsAsOne(t *testing.T) {
	for want, texts := range map[string][]string{
		"alice":             {"alice", "ALICE", " al\u00adice", "ａlice"},
		"cn=svc,ou=o1,dc=x": {"cn=svc,ou=o1,dc=x", "CN=svc, OU=o1, DC=x"},
		"cn=svc,ou=o2,dc=x": {"cn=svc,ou=o2,dc=x"},
		"alice@example.com": {"alice@example.com", "Alice@Example.com.", "mailto:alice@example.com", "SMTP:alice@example.com"},
		"alice+a":           {"alice+a"},
		`corp\alice`:        {`CORP\alice`},
		`sales\alice`:       {`sales\Alice`},
	} {
		for _, text := range texts {
			require.Equal(t, want, accountKey(text), text)
		}
	}
}
