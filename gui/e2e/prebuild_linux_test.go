package e2e

// The test builds the program itself. This import has go test compile Fyne's C
// parts first, which takes minutes on a new machine and would count against the
// test's time otherwise.
import _ "fyne.io/fyne/v2/app"
