package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Addresses says where the lab's systems listen, as host:port on loopback.
type Addresses struct {
	Portal      string `json:"portal"`       // HTTP: the borrower portal
	Admin       string `json:"admin"`        // HTTP: the admin API
	Mail        string `json:"mail"`         // SMTP: the company's own mail
	Directory   string `json:"directory"`    // LDAP
	Outside     string `json:"outside"`      // HTTP: out-of-band mailbox, war room, probe
	OutsideMail string `json:"outside_mail"` // SMTP: out-of-band mail
}

// stateFile is lab.json: where the lab is, and which process it is.
type stateFile struct {
	Instance  string    `json:"instance"` // new at every start
	PID       int       `json:"pid"`      // 0 when the lab has ended by itself
	Since     time.Time `json:"since"`
	Addresses Addresses `json:"addresses"`
}

// Status is what a lab says about itself.
type Status struct {
	Running bool `json:"running"`
	stateFile
	Dir         string  `json:"dir"`
	Environment string  `json:"environment"` // path of the environment file
	Systems     Systems `json:"systems"`
}

// Facts say how a lab that runs is doing, for people: a name, then a text.
func (s Status) Facts() [][2]string {
	portal, mail, payments := "online", "accepts mail", "not published"
	if s.Systems.PortalOffline {
		portal = "offline"
	}
	if s.Systems.MailSuspended {
		mail = "suspended"
	}
	if s.Systems.PaymentsPublished {
		payments = "published"
	}
	return [][2]string{
		{"process", strconv.Itoa(s.PID) + ", since " + s.Since.UTC().Format(time.RFC3339)},
		{"folder", s.Dir},
		{"portal", "http://" + s.Addresses.Portal + ", " + portal},
		{"mail", s.Addresses.Mail + ", " + mail},
		{"directory", "ldap://" + s.Addresses.Directory},
		{"other ways to pay", payments},
		{"outside", "http://" + s.Addresses.Outside},
	}
}

// Systems is how the company is doing.
type Systems struct {
	MailSuspended     bool     `json:"mail_suspended"`
	PortalOffline     bool     `json:"portal_offline"`
	PaymentsPublished bool     `json:"payments_published"`
	Sessions          int      `json:"sessions"`
	LockedAccounts    []string `json:"locked_accounts,omitempty"`
}

func statePath(dir string) string { return filepath.Join(dir, "lab.json") }

// readState returns the zero value when there was never a lab.
func readState(dir string) (s stateFile, err error) {
	b, err := os.ReadFile(statePath(dir))
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read where the lab is: %w", err)
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("%s cannot be read; remove it if no lab is running: %w", statePath(dir), err)
	}
	return s, nil
}

func writeState(dir string, s stateFile) error {
	return writeJSON(statePath(dir), s)
}

// Look says how the lab of a folder is doing. A lab that does not answer, or
// whose port now belongs to somebody else, is reported as not running.
func Look(ctx context.Context, dir string) (Status, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Status{}, fmt.Errorf("look at the lab: %w", err)
	}
	state, err := readState(dir)
	if err != nil {
		return Status{}, err
	}
	gone := Status{stateFile: state, Dir: dir, Environment: filepath.Join(dir, "environment.yaml")}
	if state.PID == 0 {
		return gone, nil
	}
	var s Status
	if err := call(ctx, dir, state, http.MethodGet, "/instance", &s); err != nil || s.Instance != state.Instance {
		if ctx.Err() != nil {
			return gone, ctx.Err()
		}
		return gone, nil
	}
	return s, nil
}

// call asks the admin API of a running lab.
func call(ctx context.Context, dir string, state stateFile, method, path string, into any) error {
	token, err := os.ReadFile(filepath.Join(dir, "secrets", "admin-token"))
	if err != nil {
		return fmt.Errorf("read the lab's token: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, "http://"+state.Addresses.Admin+path, nil)
	if err != nil {
		return fmt.Errorf("ask the lab: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+string(token))
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy: the lab is on this host
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("ask the lab: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return fmt.Errorf("ask the lab: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the lab answered %s to %s %s: %.300s", res.Status, method, path, b)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("ask the lab: %w", err)
	}
	return nil
}
