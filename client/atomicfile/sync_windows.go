package atomicfile

// syncFolder does nothing: the file was moved with MOVEFILE_WRITE_THROUGH, which
// returns when the name is on disk.
func syncFolder(string) error { return nil }
