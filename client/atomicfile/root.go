package atomicfile

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strings"
)

// WriteIn is Write for a file below a root, by its path there with slashes, and with the
// permissions that it is to have: no link leads out of the root, neither one in the path
// nor one of a name that could be guessed. The folder must exist.
func WriteIn(root *os.Root, name string, b []byte, perm fs.FileMode) error {
	temp := name + "." + strings.ToLower(rand.Text()[:10]) + ".new"
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	if runtime.GOOS != "windows" { // where permissions are others
		err = f.Chmod(perm) // whatever the process takes off new files
	}
	if err == nil {
		_, err = f.Write(b)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = root.Rename(temp, name)
	}
	if err != nil {
		return errors.Join(err, root.Remove(temp))
	}
	return syncIn(root, path.Dir(name))
}
