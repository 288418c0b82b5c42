package problem

import (
	"errors"

	"fyne.io/fyne/v2/lang"

	"gantry/client/fault"
	"gantry/client/outbox/template"
)

// templates explains what is wrong with a template, its name or its file.
func templates(err error) (Problem, bool) {
	var at *template.ParseError
	if errors.As(err, &at) {
		return Problem{
			What: lang.L("Line {{.Line}}: {{.Reason}}", map[string]any{"Line": at.Line, "Reason": parseReason(at.Reason)}),
			Do:   lang.L("Mend the file, or delete it."),
		}, true
	}
	switch {
	case errors.Is(err, template.BadName):
		return Problem{What: lang.L("A name has 1 to 200 bytes and no blanks at its ends.")}, true
	case errors.Is(err, template.Exists):
		return Problem{What: lang.L("A template of this name is there.")}, true
	case errors.Is(err, template.Changed):
		return Problem{What: lang.L("Somebody else has changed the template."), Do: lang.L("Nothing was saved.")}, true
	case errors.Is(err, template.Gone):
		return Problem{What: lang.L("The template is gone: somebody has deleted, renamed or moved it.")}, true
	case errors.Is(err, template.NoFolder):
		return Problem{What: lang.L("The folder is not there.")}, true
	case errors.Is(err, template.Link):
		return Problem{What: lang.L("It is a link, which is not followed.")}, true
	case errors.Is(err, template.NoFile):
		return Problem{What: lang.L("It is no ordinary file.")}, true
	case errors.Is(err, template.HeadTooLong):
		return Problem{What: lang.L("Topic, keys and properties together are longer than the 64 KB of a template.")}, true
	case errors.Is(err, template.BodyTooLarge):
		return Problem{What: lang.L("The body is larger than the 64 MB of a template.")}, true
	}
	return Problem{}, false
}

// parseReason says what is wrong with a line.
func parseReason(why fault.Code) string {
	switch why {
	case template.NoColon:
		return lang.L("no “Name: value”; an empty line comes before the body")
	case template.UnknownHeader:
		return lang.L("a header that is not known here")
	case template.Twice:
		return lang.L("the header stands there twice")
	case template.BadQuotes:
		return lang.L("the quotes do not fit")
	case template.BadProperty:
		return lang.L("a property is written name=value")
	case template.BadValue:
		return lang.L("a word that the header does not take")
	case template.NotText:
		return lang.L("no UTF-8")
	case template.HeadTooLong:
		return lang.L("the headers are longer than 64 KB")
	case template.BodyTooLarge:
		return lang.L("the body is larger than 64 MB")
	case template.BadBase64:
		return lang.L("the body is no base64")
	}
	return string(why)
}
