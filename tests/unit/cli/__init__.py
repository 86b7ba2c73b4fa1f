"""The commands of `rabta`, without a suite."""
