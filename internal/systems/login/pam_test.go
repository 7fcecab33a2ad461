package login

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhichServicesOfPAMJudgeAnAccount(t *testing.T) {
	const debian = "/etc/pam.d/common-account:account\t[success=1 new_authtok_reqd=done default=ignore]\tpam_unix.so \n" +
		"/etc/pam.d/common-account:account\trequisite\t\t\tpam_deny.so\n/etc/pam.d/common-account:account\trequired\t\t\tpam_permit.so\n"
	for rules, want := range map[string]admission{
		"":                               asksOther,
		"@include common-account":        judges,
		"account include common-account": judges,
		"account required pam_nologin.so\n@include common-account":                      judges,
		"-account [default=bad success=ok] /lib/security/pam_sss.so":                    judges,
		"account required pam_permit.so # for now":                                      admitsAll,
		"account required pam_nologin.so\naccount [success=ok default=1] pam_permit.so": admitsAll,
		"account sufficient pam_permit.so\n@include common-account":                     admitsAll,
		"@include sshd": asksOther,
	} {
		text := debian
		for line := range strings.Lines(rules) {
			text += "/etc/pam.d/sshd:" + strings.TrimSpace(line) + "\n"
		}
		require.Equal(t, want, accountRules(text).admits("sshd", nil), rules)
	}
}

func TestAServiceWithoutAccountRulesAsksOther(t *testing.T) {
	for text, want := range map[string]bool{
		"/etc/pam.d/sshd:auth required pam_unix.so\n/etc/pam.d/other:account required pam_permit.so\n": true,
		"/etc/pam.d/sshd:auth required pam_unix.so\n/etc/pam.d/other:account required pam_unix.so\n":   false,
		"/etc/pam.d/sshd:auth required pam_unix.so\n":                                                  false, // PAM refuses then
		"/etc/pam.d/other:account required pam_permit.so\n":                                            false, // there is no such service
		"": false,
	} {
		require.Equal(t, want, accountRules(text).admitsExpired("sshd"), text)
	}
}
