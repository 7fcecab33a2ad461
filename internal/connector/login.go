package connector

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/irctl/irctl/internal/expr"
	"github.com/irctl/irctl/internal/patience"
	"github.com/irctl/irctl/pkg/action"
)

// Login has a person sign in at the target's system (RFC 8628): tell is given where
// to go and which code to type there. It returns what later runs renew tokens with
// once the person has said yes. req is of any action of the file.
func (f *File) Login(ctx context.Context, req action.Request, tell func(at, code string)) (action.Secret, error) {
	if f.Auth.Device == nil {
		return action.Secret{}, &action.Error{Message: "nobody signs in for a target of " + f.Name.Value + ": its connector does not say `auth: {device: ...}`", Permanent: true}
	}
	opened, err := f.open(action.Spec{}, &Action{}, req)
	if err != nil {
		return action.Secret{}, err
	}
	defer opened.Close()
	c := opened.(*work).caller
	form := url.Values{}
	if scopes := c.proof.parts["scopes"]; scopes != "" {
		form.Set("scope", scopes)
	}
	begun, err := c.proof.grant(ctx, c, c.proof.parts["device_url"], form)
	if err != nil {
		return action.Secret{}, err
	}
	at, _ := begun["verification_uri"].(string)
	code, _ := begun["user_code"].(string)
	device, _ := begun["device_code"].(string)
	if at == "" || code == "" || device == "" {
		return action.Secret{}, &action.Error{Message: c.proof.host() + " gave no code to sign in with", Permanent: true}
	}
	c.proof.conceal(device)
	tell(action.CleanLine(at, 200), action.CleanLine(code, 60))
	return c.signedIn(ctx, device, seconds(begun, "interval", 5*time.Second), seconds(begun, "expires_in", 15*time.Minute))
}

// signedIn asks until the person has answered.
func (c *caller) signedIn(ctx context.Context, device string, every, within time.Duration) (action.Secret, error) {
	for waited := time.Duration(0); waited < within; waited += every {
		if err := patience.Sleep(ctx, every); err != nil {
			return action.Secret{}, err
		}
		got, err := c.proof.grant(ctx, c, c.proof.parts["token_url"], url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {device}})
		var said refusal
		switch {
		case err == nil:
			if token := expr.Text(got["refresh_token"]); token != "" {
				return action.NewSecret(token), nil
			}
			return action.Secret{}, &action.Error{Message: c.proof.host() + " gave nothing by which later runs could go on", Permanent: true, Hint: "ask for a scope that does, such as offline_access"}
		case errors.As(err, &said) && said == "authorization_pending":
		case errors.As(err, &said) && said == "slow_down":
			every += 5 * time.Second
		default:
			return action.Secret{}, err
		}
	}
	return action.Secret{}, &action.Error{Message: "nobody has signed in while the code was good", Permanent: true}
}

// seconds is a number of them in an answer, within reason.
func seconds(answer map[string]any, name string, without time.Duration) time.Duration {
	n, _ := answer[name].(int64)
	return cmp.Or(time.Duration(min(max(n, 0), 3600))*time.Second, without)
}
