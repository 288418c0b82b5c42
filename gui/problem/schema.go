package problem

import (
	"errors"
	"path/filepath"

	"fyne.io/fyne/v2/lang"

	"gantry/client/schema"
)

// schemas explains what is wrong with a file that describes messages. The parser's own
// words are told as they are.
func schemas(err error) (Problem, bool) {
	at := (*schema.Error)(nil)
	if !errors.As(err, &at) {
		return Problem{}, false
	}
	data := map[string]any{"File": filepath.Base(at.File), "Line": at.Line, "Reason": at.Reason}
	switch {
	case at.Why == schema.Unread:
		return Problem{What: lang.L("{{.File}} cannot be read: {{.Reason}}", data)}, true
	case at.Why == schema.NoSet:
		return Problem{What: lang.L("{{.File}} is neither a .proto file nor a descriptor set.", data)}, true
	case at.Why == schema.NoMessage && at.Reason == "":
		return Problem{What: lang.L("{{.File}} describes no message.", data)}, true
	case at.Why == schema.NoMessage:
		return Problem{What: lang.L("{{.File}} has no message {{.Reason}}.", data)}, true
	case at.Why == schema.TooLarge:
		return Problem{What: lang.L("{{.File}} and what it imports are more than is read.", data)}, true
	case at.Why == schema.TooDeep:
		return Problem{What: lang.L("{{.File}}, line {{.Line}}: it is nested deeper than is read.", data)}, true
	case at.Line > 0:
		return Problem{What: lang.L("{{.File}}, line {{.Line}}: {{.Reason}}", data)}, true
	}
	return Problem{What: lang.L("{{.File}}: {{.Reason}}", data)}, true
}
