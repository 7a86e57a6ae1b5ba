"""Every command line of the project: parse, call one public function, print its result."""
