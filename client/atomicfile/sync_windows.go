package atomicfile

import "os"

// syncFolder does nothing: the file was moved with MOVEFILE_WRITE_THROUGH, which
// returns when the name is on disk.
func syncFolder(string) error { return nil }

// syncIn does nothing: Windows syncs no folders. After a power loss a file replaced
// within a root may be the old one; it is whole.
func syncIn(*os.Root, string) error { return nil }
