"""Every layer its own weights: products of spheres in place of one."""
