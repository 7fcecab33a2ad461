package drive

import (
	"fmt"
	"strings"

	"github.com/irctl/irctl/pkg/action"
)

// becomesOption refuses a command line in which a value would be taken for an
// option: it begins with a dash, nothing before it ends the options, and it is no
// text that the author wrote, in an expression or before one.
func becomesOption(written, worked any) error {
	texts, _ := written.([]any)
	values, _ := worked.([]any)
	for i := range min(len(texts), len(values)) {
		if err := becomesOption(texts[i], values[i]); err != nil { // one of several lines
			return err
		}
		text, _ := texts[i].(string)
		value, _ := values[i].(string)
		switch {
		case text == "--":
			return nil
		case !strings.HasPrefix(value, "-"), !strings.HasPrefix(text, "${{"), strings.Contains(text, "'"+value+"'"), strings.Contains(text, `"`+value+`"`):
			continue
		}
		return &action.Error{
			Message: fmt.Sprintf("argument %d of %s would be taken for an option: what stands there now begins with -", i, action.CleanLine(fmt.Sprint(values[0]), 60)),
			Hint:    `put "--" before it in argv if the program knows that, or write what precedes the value, as in ./${{ }} or --name=${{ }}`, Permanent: true,
		}
	}
	return nil
}
