package words

import "fmt"

// Share writes a part of 1 in percent: "100 %", "97 %", "0.3 %", and never all or nothing
// for what is not.
func Share(part float64) string {
	switch percent := part * 100; {
	case percent >= 100:
		return "100 %"
	case percent > 99:
		return fmt.Sprintf("%.1f %%", min(percent, 99.9))
	case percent >= 1 || percent <= 0:
		return fmt.Sprintf("%.0f %%", percent)
	default:
		return fmt.Sprintf("%.1f %%", max(percent, 0.1))
	}
}
