package problem

import (
	"strings"

	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
)

// Missing says whose part of an answer is missing, and why that of the first is; ""
// where nobody's is.
func Missing(missing cluster.Missing) string {
	if len(missing) == 0 {
		return ""
	}
	data := map[string]any{"Brokers": strings.Join(missing.Names(), lang.L(", ")), "Reason": Explain(missing[0].Err).What}
	return lang.L("What lies on {{.Brokers}} is missing here. {{.Reason}}", data)
}
