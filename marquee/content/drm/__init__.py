"""Content keys and licences: keys wrapped under the master key, ClearKey licences built from them."""
