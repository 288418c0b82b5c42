package placeholder

import (
	"fmt"
	"strconv"

	"gantry/client/fault"
)

// What can be wrong with a placeholder.
const (
	// NoSuch: no placeholder has this name. Args: ArgName.
	NoSuch fault.Code = "no such placeholder"
	// Unclosed: its line ends, or another begins, before the closing braces.
	Unclosed fault.Code = "the placeholder is not closed"
	// QuoteUnclosed: its line ends within a quoted text.
	QuoteUnclosed fault.Code = "a quote in the placeholder is not closed"
	// MissingWord: it needs more words. Args: ArgName.
	MissingWord fault.Code = "the placeholder needs more words"
	// BadWord: it takes no such word here, or no more of them. Args: ArgName, ArgValue.
	BadWord fault.Code = "the placeholder does not take this word"
	// BadPattern: a pattern of time has a letter that says nothing here, or a quote that is
	// not closed. Args: ArgName, ArgValue: from there on.
	BadPattern fault.Code = "the pattern of time cannot be read"
	// BadRange: the first number is above the second, or one has too many digits. Args:
	// ArgName.
	BadRange fault.Code = "the range is empty or too wide"
	// TooLong: it is longer than MaxPlaceholder.
	TooLong fault.Code = "the placeholder is too long"
	// TooMany: the text has more than MaxPlaceholders.
	TooMany fault.Code = "too many placeholders"
	// NoSource: the run has no rows. Args: ArgName.
	NoSource fault.Code = "the run has no source of rows"
	// NoColumn: the row has no column of this name. Args: ArgName, ArgValue: the column's.
	NoColumn fault.Code = "the row has no such column"
	// NoEnv: the connection defines no value of this name. Args: ArgName, ArgValue.
	NoEnv fault.Code = "the connection defines no such value"
	// TooLarge: the values of a text take more than MaxValues. Args: ArgName.
	TooLarge fault.Code = "the values are too large"
)

// Names of arguments; fault's own are not used.
const (
	// ArgAt and ArgLen are the place in the text, in bytes.
	ArgAt  = "at"
	ArgLen = "length"
	// ArgName is the placeholder's name, ArgValue a word of it.
	ArgName  = "placeholder"
	ArgValue = "value"
)

// Error is what is wrong, and where it stands in the text. It is its Code.
type Error struct {
	Code fault.Code
	// At and Len are the place in the text, in bytes: of the placeholder, or of one word.
	At, Len int
	// Name is the placeholder's, Value a word of it, both as they were typed; "" where the
	// Code does not have them.
	Name, Value string
}

// Error is for logs.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %q %q at byte %d, %d long", string(e.Code), e.Name, e.Value, e.At, e.Len)
}

// Unwrap returns the Code.
func (e *Error) Unwrap() error { return e.Code }

// Args are the arguments of the Code.
func (e *Error) Args() map[string]string {
	args := map[string]string{ArgAt: strconv.Itoa(e.At), ArgLen: strconv.Itoa(e.Len)}
	if e.Name != "" {
		args[ArgName] = e.Name
	}
	if e.Value != "" {
		args[ArgValue] = e.Value
	}
	return args
}
