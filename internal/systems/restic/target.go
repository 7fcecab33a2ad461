package restic

import (
	"github.com/irctl/irctl/internal/config"
	"github.com/irctl/irctl/pkg/action"
)

// Target describes the target type restic.
func Target() action.TargetType {
	return config.Describe[Config](action.TargetType{
		Name:    "restic",
		Summary: "a repository of restic: encrypted, and on any storage that restic knows",
		Tools:   []string{program},
		Example: `vault:
  type: restic
  owner: forensics@example.com
  fallback: Copy the files to an external disk, and write down their SHA-256.
  config:
    repository: sftp:vault.example.com:/srv/evidence
    password: {secret: EVIDENCE_PASSWORD}
`,
		Undo: true,
	})
}

// Config is a target's config.
type Config struct {
	Repository  string
	Password    action.Secret
	Environment map[string]any
}

// Fields implements config.Config.
func (c *Config) Fields() config.Fields {
	return config.Fields{
		config.Into(&c.Repository, action.Field{Name: "repository", Required: true, Description: "The repository as restic names it: an absolute folder, sftp:HOST:/FOLDER, rest:URL or s3:URL, without passwords. It must be there: restic init makes one.", Example: "sftp:vault.example.com:/srv/evidence"}),
		config.Into(&c.Password, action.Field{Name: "password", Required: true, Description: "The repository's password.", Example: "{secret: EVIDENCE_PASSWORD}"}),
		config.Into(&c.Environment, action.Field{Name: "environment", Secret: true, Description: "Variables that restic needs for its storage.", Example: "{AWS_SECRET_ACCESS_KEY: {secret: S3_KEY}}"}),
	}
}
