package problem

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/encode"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox/placeholder"
	"gantry/client/outbox/plan"
	"gantry/client/outbox/source"
	"gantry/gui/widgets"
)

// run explains what is wrong with a run, or with a dynamic value of a message.
func run(err error) (Problem, bool) {
	if at := (*placeholder.Error)(nil); errors.As(err, &at) {
		return Problem{What: value(at)}, true
	}
	if at := (*message.TypedError)(nil); errors.As(err, &at) {
		return Problem{What: typed(at.Args())}, true
	}
	if at := (*fault.Fault)(nil); errors.As(err, &at) && at.Code == message.NotTyped {
		return Problem{What: typed(at.Args)}, true
	}
	if at := (*client.SecretError)(nil); errors.As(err, &at) {
		return secret(at), true
	}
	switch {
	case errors.Is(err, message.NoSchema):
		return Problem{What: lang.L("No .proto describes the messages of this topic."), Do: lang.L("Name one where the connection is edited, or where a message of it is shown.")}, true
	case errors.Is(err, message.ErrHides):
		return Problem{What: lang.L("A secret value of the message is not kept, so it cannot be sent again like this."), Do: lang.L("Send it from its template, or from the form.")}, true
	case errors.Is(err, plan.ErrTooMany):
		return Problem{What: lang.L("A run has 1 to {{.Most}} messages.", map[string]any{"Most": widgets.Count(plan.MaxMessages)})}, true
	case errors.Is(err, plan.ErrPace):
		return Problem{What: lang.L("The pace is out of bounds.")}, true
	case errors.Is(err, plan.ErrBatch):
		return Problem{What: lang.L("A batch cannot be delayed, sent one-way or transactional.")}, true
	case errors.Is(err, plan.ErrUndecided):
		return Problem{What: lang.L("A run commits each message, or rolls each back."), Do: lang.L("Send one that is decided later alone.")}, true
	case errors.Is(err, plan.ErrNoRow):
		return Problem{What: lang.L("The file has other rows than a moment ago."), Do: lang.L("Nothing was sent. Try again.")}, true
	case errors.Is(err, source.NoHeader):
		return Problem{What: lang.L("The first line of the CSV file cannot be read."), Do: lang.L("It must name the columns.")}, true
	case errors.Is(err, fault.NotConfirmed):
		return Problem{What: lang.L("What would be done is something else than what was agreed to."), Do: lang.L("Nothing was done. Look at it again.")}, true
	}
	return Problem{}, false
}

// secret explains which secret value is not at hand.
func secret(e *client.SecretError) Problem {
	if p, ok := keyring(e.Err); ok {
		return p
	}
	return Problem{
		What: lang.L("The secret value “{{.Name}}” is not stored.", map[string]any{"Name": e.Name}),
		Do:   lang.L("Nothing was sent. Enter it where the connection is edited."),
	}
}

// typed explains which sign of a typed text stands for no bytes.
func typed(args map[string]string) string {
	if args[message.ArgWhy] != "" {
		return coded(args)
	}
	data := map[string]any{"Sign": args[message.ArgSign], "Charset": args[message.ArgAs]}
	cut := strings.TrimSpace(args[message.ArgSign]) == ""
	switch message.Typing(args[message.ArgAs]) {
	case message.AsHex:
		if cut {
			return lang.L("A byte in hex has two digits.")
		}
		return lang.L("“{{.Sign}}” is no digit of hex.", data)
	case message.AsBase64:
		if cut {
			return lang.L("The base64 does not end.")
		}
		return lang.L("“{{.Sign}}” does not fit in base64.", data)
	}
	return lang.L("“{{.Sign}}” is not in {{.Charset}}.", data)
}

// value explains what is wrong with a dynamic value.
func value(e *placeholder.Error) string {
	data := map[string]any{"Name": "{{" + e.Name + "}}", "Value": e.Value, "Braces": "}}"}
	switch e.Code {
	case placeholder.NoSuch:
		return lang.L("There is no dynamic value {{.Name}}.", data)
	case placeholder.Unclosed:
		return lang.L("A dynamic value is not closed with {{.Braces}} on its line.", data)
	case placeholder.QuoteUnclosed:
		return lang.L("A quote in a dynamic value is not closed.")
	case placeholder.MissingWord:
		return lang.L("{{.Name}} needs more words, as in {{.Example}}.", map[string]any{"Name": data["Name"], "Example": example(e.Name)})
	case placeholder.BadWord:
		return lang.L("{{.Name}} does not take “{{.Value}}” there.", data)
	case placeholder.BadPattern:
		return lang.L("“{{.Value}}” is no pattern of time.", data)
	case placeholder.BadRange:
		return lang.L("The range of {{.Name}} is empty or too wide.", data)
	case placeholder.TooLong, placeholder.TooMany, placeholder.TooLarge:
		return lang.L("The dynamic values are too many or too long.")
	case placeholder.NoSource:
		return lang.L("{{.Name}} needs rows from a file.", data)
	case placeholder.NoColumn:
		return lang.L("The file has no column “{{.Value}}”.", data)
	case placeholder.NoEnv:
		return lang.L("The connection has no value “{{.Value}}”.", data)
	}
	return e.Error()
}

// example is how a dynamic value may be written.
func example(name string) string {
	switch name {
	case "rand":
		return "{{rand 1 100}}"
	case "pick":
		return "{{pick a b c}}"
	}
	return "{{" + name + ` "name"}}`
}

// coded explains why JSON does not fit the format of a body.
func coded(args map[string]string) string {
	data := map[string]any{"Field": args[message.ArgField], "Type": args[message.ArgType], "Format": args[message.ArgAs]}
	switch args[message.ArgWhy] {
	case encode.UnknownField.String():
		return lang.L("{{.Type}} has no field {{.Field}}.", data)
	case encode.WrongType.String():
		if args[message.ArgField] == "" {
			return lang.L("{{.Type}} is an object, in braces.", data)
		}
		return lang.L("{{.Field}} takes a value of {{.Type}}.", data)
	case encode.TooLarge.String():
		if args[message.ArgType] == "" {
			return lang.L("{{.Format}} has no number that large.", data)
		}
		return lang.L("{{.Type}} has no number that large.", data)
	case encode.UnknownName.String():
		return lang.L("{{.Type}} has no value {{.Field}}.", data)
	case encode.Twice.String():
		return lang.L("{{.Field}} stands there twice.", data)
	case encode.OneOf.String():
		return lang.L("{{.Field}} and {{.Type}} exclude each other.", data)
	case encode.Lacks.String():
		return lang.L("{{.Field}} is missing.", data)
	case encode.TooDeep.String():
		return lang.L("It is nested too deep.")
	}
	return lang.L("It is no JSON.")
}
